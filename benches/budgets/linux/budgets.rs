//! What may be spent, one row each. `docs/benchmarks.md` shows them all beside what was measured.

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Budget {
    /// What is measured.
    pub(crate) what: &'static str,
    /// The bound.
    pub(crate) limit: Limit,
    /// What the numbers count, with the space before it.
    pub(crate) unit: &'static str,
    /// How many decimals are shown.
    pub(crate) decimals: usize,
}

/// A bound.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
    Exactly(f64),
}

impl Limit {
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
            Self::Exactly(bound) => (value - bound).abs() < f64::EPSILON,
        }
    }
}

impl Budget {
    /// The bound as it is shown.
    pub(crate) fn bound(&self) -> String {
        let (sign, bound) = match self.limit {
            Limit::AtMost(bound) => ("≤ ", bound),
            Limit::AtLeast(bound) => ("≥ ", bound),
            Limit::Exactly(bound) => ("", bound),
        };
        let text = bound.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = match fraction {
            "" => String::new(),
            some => format!(".{some}"),
        };
        format!("{sign}{}{fraction}{}", grouped(whole), self.unit)
    }

    /// A measured value as it is shown.
    pub(crate) fn shown(&self, value: f64) -> String {
        let text = format!("{value:.*}", self.decimals);
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, format!(".{fraction}")),
            None => (text.as_str(), String::new()),
        };
        format!("{}{fraction}{}", grouped(whole), self.unit)
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !shown.ends_with('-') {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

const fn budget(what: &'static str, limit: Limit, unit: &'static str, decimals: usize) -> Budget {
    Budget {
        what,
        limit,
        unit,
        decimals,
    }
}

pub(crate) const HTTP: Budget = budget(
    "one retry over http, time against curl",
    Limit::AtMost(0.5),
    " ×",
    2,
);
pub(crate) const SDK: Budget = budget(
    "one retry over http, times faster than the vendor's Python SDK",
    Limit::AtLeast(100.0),
    " ×",
    0,
);
pub(crate) const HTTPS: Budget = budget(
    "one retry over https with the system's root store, time against curl",
    Limit::AtMost(0.8),
    " ×",
    2,
);
/// Two round trips of 100 ms, 2 % and 10 ms more.
pub(crate) const RELAY: Budget = budget(
    "one retry over https through a relay that holds data 50 ms each way",
    Limit::AtMost(214.0),
    " ms",
    1,
);
pub(crate) const REQUESTS: Budget = budget("requests for one retry", Limit::Exactly(1.0), "", 0);
pub(crate) const CONNECTIONS: Budget =
    budget("connections for one retry", Limit::Exactly(1.0), "", 0);
pub(crate) const MEMORY_HTTP: Budget = budget(
    "peak memory of a retry over http",
    Limit::AtMost(2.5),
    " MiB",
    2,
);
pub(crate) const MEMORY_HTTPS: Budget = budget(
    "peak memory of a retry over https",
    Limit::AtMost(5.0),
    " MiB",
    2,
);
pub(crate) const MEMORY_WAIT: Budget = budget(
    "peak memory after a wait of 24 h",
    Limit::AtMost(6.0),
    " MiB",
    2,
);
/// Flat: what a page or two of the allocator may make of it, and no more.
pub(crate) const GROWTH: Budget = budget(
    "growth of memory from the 1st hour of a wait to the 24th",
    Limit::AtMost(0.1),
    " MiB",
    2,
);
pub(crate) const POLLS: Budget = budget(
    "polls in each poll_interval, after the first four",
    Limit::AtMost(1.15),
    "",
    3,
);
pub(crate) const LAG: Budget = budget(
    "the end of a run noticed after, at the latest",
    Limit::AtMost(1.1),
    " intervals",
    2,
);
pub(crate) const SIZE_X64: Budget = budget(
    "static program for Linux on x64",
    Limit::AtMost(2.3),
    " MiB",
    2,
);
pub(crate) const SIZE_ARM64: Budget = budget(
    "static program for Linux on arm64",
    Limit::AtMost(1.9),
    " MiB",
    2,
);
pub(crate) const IMAGE: Budget = budget(
    "the image without a shell, of the larger program",
    Limit::AtMost(2.5),
    " MiB",
    2,
);
pub(crate) const ACTION: Budget = budget(
    "what the shells of action.yml add to a step",
    Limit::AtMost(50.0),
    " ms",
    1,
);
/// Measured, and a sixth more, since another version of Rust moves it too: a change that costs more than that says so here.
pub(crate) const INSTRUCTIONS: Budget = budget(
    "instructions of one retry over http",
    Limit::AtMost(1_250_000.0),
    "",
    0,
);

/// All rows, in the order of the table.
pub(crate) const BUDGETS: [&Budget; 17] = [
    &HTTP,
    &SDK,
    &HTTPS,
    &RELAY,
    &REQUESTS,
    &CONNECTIONS,
    &MEMORY_HTTP,
    &MEMORY_HTTPS,
    &MEMORY_WAIT,
    &GROWTH,
    &POLLS,
    &LAG,
    &SIZE_X64,
    &SIZE_ARM64,
    &IMAGE,
    &ACTION,
    &INSTRUCTIONS,
];
