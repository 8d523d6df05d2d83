//! Which fault a request meets. Rolled as the requests come, so that a fault never waits for one that is not sent.

use codearts_sandbox::{Content, Endpoint, Fault, Moment, TOKEN, What, id_for};

use crate::dice::Dice;
use crate::scenario::{Roughness, Scenario};

/// What happens to one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strike {
    /// The connection is refused: nothing arrives.
    pub(crate) is_refused: bool,
    pub(crate) faults: Vec<Fault>,
}

/// The faults of one seed.
pub(crate) struct Weather {
    roughness: Roughness,
    retry: Dice,
    detail: Dice,
    list: Dice,
    queue: Dice,
    other: Dice,
    /// The service never says when a run ended, or what time it has.
    leaves_out: Option<&'static str>,
    /// The endpoint offers the retry alone.
    has_no_detail: Option<What>,
    /// How many of a hundred details say less than they should, or what nobody knows.
    odd_details: u64,
    has_outsiders: bool,
    has_limit: bool,
}

/// Longest lag of the detail after an answer that arrives: the contract waits for two minutes.
const LONG_LAG_MS: u64 = 110_000;
/// The same after an answer that is lost: the one case that the contract leaves open starts at 5 s.
const SHORT_LAG_MS: u64 = 4_900;

impl Weather {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let seed = scenario.seed;
        let mut dice = Dice::new(seed, "weather");
        let leaves_out = dice
            .chance(12)
            .then(|| dice.pick(&["/end_time", "/current_system_time"]));
        let has_no_detail = (!scenario.waits() && dice.chance(5)).then(|| {
            dice.pick(&[
                What::status(404),
                What::status(405),
                What::status(501),
                What::answer(200, &[], r#"{"hello":"world"}"#),
            ])
        });
        Self {
            roughness: scenario.roughness,
            retry: Dice::new(seed, "retry"),
            detail: Dice::new(seed, "detail"),
            list: Dice::new(seed, "list"),
            queue: Dice::new(seed, "queue"),
            other: Dice::new(seed, "other"),
            leaves_out,
            has_no_detail,
            odd_details: dice.pick(&[0, 0, 5, 15, 40]),
            has_outsiders: !scenario.is_left_alone(),
            has_limit: scenario.concurrency.is_some(),
        }
    }

    /// What happens to the next request; `names_a_run`: whether a detail is asked for by the run's id.
    pub(crate) fn strike(&mut self, endpoint: Endpoint, names_a_run: bool) -> Strike {
        let deadly = self.roughness.deadly;
        let (percent, dice) = match endpoint {
            Endpoint::Retry => (self.roughness.retry, &mut self.retry),
            Endpoint::Detail => (self.roughness.detail, &mut self.detail),
            Endpoint::List => (self.roughness.other, &mut self.list),
            Endpoint::Queue => (self.roughness.other, &mut self.queue),
            _ => (self.roughness.other, &mut self.other),
        };
        let mut strike = Strike::default();
        let mut whats = Vec::new();
        if endpoint == Endpoint::Detail {
            if let Some(pointer) = self.leaves_out {
                whats.push(What::Remove {
                    pointer: pointer.to_owned(),
                });
            }
            if let Some(what) = &self.has_no_detail {
                whats.push(what.clone());
                strike.faults = on(endpoint, whats);
                return strike;
            }
        }
        let what = if !dice.chance(percent) {
            None
        } else if dice.chance(6) {
            strike.is_refused = true;
            None
        } else if dice.chance(deadly) {
            Some(deadly_one(dice))
        } else {
            Some(passing_one(dice, endpoint))
        };
        if endpoint == Endpoint::Retry {
            let is_lost = what.as_ref().is_some_and(may_lose_the_answer);
            let most = if is_lost { SHORT_LAG_MS } else { LONG_LAG_MS };
            // What other people do to the run meanwhile would hide behind a lag, and look like an end of the retry.
            if !self.has_outsiders && dice.chance(50) {
                let ms = dice.roll(most);
                whats.push(if dice.chance(50) {
                    What::StaleDetail { ms }
                } else {
                    What::StaleDetailOnly { ms }
                });
            }
        }
        if endpoint == Endpoint::Detail && dice.chance(self.odd_details) {
            let altered = altered_detail(dice, names_a_run);
            // An unknown status counts as in progress, which must not be said of a run that waits in the queue; and without
            // any end time it would be all there is to tell a run that was started again.
            if self.leaves_out != Some("/end_time") && !self.has_limit {
                whats.extend(altered);
            }
        }
        whats.extend(what);
        strike.faults = on(endpoint, whats);
        strike
    }
}

fn on(endpoint: Endpoint, whats: Vec<What>) -> Vec<Fault> {
    let fault = |what| Fault::new(endpoint, what);
    whats.into_iter().map(fault).collect()
}

/// Whether the answer to a request that had its effect may not arrive.
fn may_lose_the_answer(what: &What) -> bool {
    !matches!(
        what,
        What::Delay { ms, .. } if *ms < 20_000
    ) && !matches!(
        what,
        What::NoLength { cut: false, .. }
            | What::Chunked { cut: false, .. }
            | What::Drip { every_ms: 0, .. }
    )
}

/// A detail that says less than it should, or what nobody knows.
fn altered_detail(dice: &mut Dice, names_a_run: bool) -> Vec<What> {
    match dice.roll(if names_a_run { 6 } else { 5 }) {
        0 | 1 => vec![What::NoSystemTime],
        2 | 3 => vec![What::RunStatus {
            status: "REBOOTING".to_owned(),
        }],
        4 => vec![What::Remove {
            pointer: "/stages".to_owned(),
        }],
        // Somebody else's run, which went well.
        _ => vec![
            What::edit("/id", id_for("somebody else's run")),
            What::RunStatus {
                status: "COMPLETED".to_owned(),
            },
        ],
    }
}

/// An answer that ends the step: nothing in it passes.
fn deadly_one(dice: &mut Dice) -> What {
    let message = format!("no: X-Auth-Token: {TOKEN}");
    match dice.roll(12) {
        0 => What::error(401, "APIGW.0301", &message),
        1 => What::status(401),
        2 => What::error(403, "APIGW.0302", &message),
        3 => What::error(200, "DEVCP.00021018", &message),
        4 => What::error(404, "DEVPIPE.30011001", &message),
        5 => What::error(200, "DEVPIPE.00011412", &message),
        6 => What::error(400, "APIGW.0201", &message),
        7 => What::error(409, "NEW.1", &message),
        8 => What::redirect(302, &format!("https://elsewhere.example/?token={TOKEN}")),
        9 => What::error(200, "NEW.00000001", &message),
        10 => What::answer(
            200,
            &[],
            r#"{"success":true,"error_code":"NEW.2","error_msg":"and yet not"}"#,
        ),
        _ => What::answer(200, &[], r#"{"success":false}"#),
    }
}

/// Trouble that may pass.
fn passing_one(dice: &mut Dice, endpoint: Endpoint) -> What {
    let effect = dice.chance(50);
    let reset = dice.chance(50);
    let message = format!("X-Auth-Token: {TOKEN} was seen");
    match dice.roll(26) {
        0..=3 => status(dice, effect, &message),
        4 => What::Hang { effect },
        5 => What::Close {
            at: Moment::BeforeEffect,
            reset,
        },
        6 | 7 => What::Close {
            at: Moment::AfterEffect,
            reset,
        },
        8 => What::CutHead { reset, effect },
        9 => What::CutBody { reset, effect },
        10 => What::NoLength { cut: true, effect },
        11 => What::Chunked {
            cut: true,
            reset,
            effect,
        },
        12 => What::NoLength {
            cut: false,
            effect: true,
        },
        13 => What::Chunked {
            cut: false,
            reset: false,
            effect: true,
        },
        14 => What::Drip {
            every_ms: dice.pick(&[0, 5_000]),
            effect: true,
        },
        15 | 16 => What::Delay {
            ms: dice.pick(&[100, 3_000, 12_000, 29_000, 31_000, 60_000]),
            after_effect: effect,
        },
        17 => What::Error {
            status: dice.pick(&[200, 500, 503]),
            code: dice
                .pick(&["DEVCP.00020500", "DEVCP.00010000", "COCT.0070500"])
                .to_owned(),
            message,
            effect,
        },
        18 => What::error(
            dice.pick(&[200, 400, 429]),
            dice.pick(&[
                "COCT.0070003",
                "DEVPIPE.00011104",
                "DEVPIPE.00011105",
                "APIG.0308",
            ]),
            &message,
        ),
        19 | 20 => What::throttled(dice.pick(&[
            "0",
            "1",
            "7",
            "90",
            "99999999999999999999",
            "Mon, 21 Sep 2026 13:35:00 GMT",
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "soon",
        ])),
        21 | 22 => unreadable(dice, endpoint, effect),
        23 => Answering::new(200, &format!("<html>{TOKEN}</html>"), effect).what(),
        24 => What::Answer {
            status: 200,
            headers: Vec::new(),
            body: Content::Filler(9 * 1024 * 1024),
            effect,
        },
        // The service says yes and does nothing.
        _ if endpoint == Endpoint::Retry => What::answer(200, &[], r#"{"success":true}"#),
        _ => What::html(502),
    }
}

fn status(dice: &mut Dice, effect: bool, message: &str) -> What {
    let status = dice.pick(&[408, 500, 502, 503, 504, 599]);
    let body = dice.pick(&["", "<html>gateway</html>", r#"{"success":true}"#, message]);
    Answering::new(status, body, effect).what()
}

/// A complete answer that nobody understands.
fn unreadable(dice: &mut Dice, endpoint: Endpoint, effect: bool) -> What {
    // A detail that is an object of something else means that the endpoint has no detail: that is rolled once a seed.
    let bodies: &[&str] = if endpoint == Endpoint::Detail {
        &[
            "",
            "[]",
            "null",
            "not json",
            r#"{"status":null,"id":null,"stages":[]}"#,
        ]
    } else {
        &[
            "",
            "[]",
            "null",
            "{}",
            "true",
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            r#"{"success":null}"#,
            r#"{"result":{"success":true}}"#,
            r#"{"success":false,"success":true}"#,
            r#"{"success":true} {}"#,
        ]
    };
    Answering::new(200, dice.pick(bodies), effect).what()
}

/// An answer in place of the service's own.
struct Answering(What);

impl Answering {
    fn new(status: u16, body: &str, with_effect: bool) -> Self {
        let what = What::answer(status, &[], body);
        Self(if with_effect {
            what.with_effect()
        } else {
            what
        })
    }

    fn what(self) -> What {
        self.0
    }
}
