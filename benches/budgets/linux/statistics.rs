//! Medians, and comparisons by pairs.

use std::time::Duration;

use super::process::Spent;
use super::report::{Report, mib};

/// The value at a share of the sorted values; 0.5 is the median.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the number of values"
    )]
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    values[at]
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// What several clients took for the same, round by round.
pub(crate) struct Race {
    names: Vec<String>,
    /// By client, then by round.
    runs: Vec<Vec<Spent>>,
}

impl Race {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            runs: vec![Vec::new(); names.len()],
        }
    }

    pub(crate) fn note(&mut self, client: usize, spent: Spent) {
        self.runs[client].push(spent);
    }

    /// The median of the time ratios of the rounds.
    pub(crate) fn ratio(&self, client: usize, to: usize) -> f64 {
        let pairs = self.runs[client].iter().zip(&self.runs[to]);
        median(pairs.map(|(own, other)| own.wall.as_secs_f64() / other.wall.as_secs_f64()))
    }

    pub(crate) fn median_wall(&self, client: usize) -> f64 {
        median(
            self.runs[client]
                .iter()
                .map(|spent| milliseconds(spent.wall)),
        )
    }

    /// The most memory in any round.
    pub(crate) fn peak(&self, client: usize) -> u64 {
        self.runs[client]
            .iter()
            .map(|spent| spent.peak)
            .max()
            .unwrap_or_default()
    }

    /// The table behind the ratios.
    pub(crate) fn show(&self, report: &mut Report, title: &str) {
        let rows: Vec<_> = (0..self.names.len())
            .map(|client| {
                let runs = &self.runs[client];
                vec![
                    self.names[client].clone(),
                    format!("{:.2} ms", self.median_wall(client)),
                    format!(
                        "{:.2} ms",
                        quantile(runs.iter().map(|spent| milliseconds(spent.wall)), 0.0)
                    ),
                    format!(
                        "{:.2} ms",
                        median(runs.iter().map(|spent| milliseconds(spent.cpu)))
                    ),
                    format!("{:.2} MiB", mib(self.peak(client))),
                    format!("{:.2} ×", self.ratio(client, 0)),
                ]
            })
            .collect();
        let title = format!("{title}, {} rounds", self.runs[0].len());
        report.table(
            &title,
            &[
                "client",
                "wall, median",
                "wall, least",
                "CPU, median",
                "peak memory",
                "time",
            ],
            &rows,
        );
    }
}
