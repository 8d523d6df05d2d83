//! What came out: the one table of budgets, the tables behind it, and both as Markdown.

use std::fmt::Write as _;

use super::budgets::{BUDGETS, Budget};

/// What is known about one row.
enum Finding {
    Measured(f64, String),
    Skipped(String),
}

/// All findings of a run.
#[derive(Default)]
pub(crate) struct Report {
    findings: Vec<(&'static str, Finding)>,
    details: String,
}

impl Report {
    /// A measured row.
    pub(crate) fn measured(&mut self, budget: &'static Budget, value: f64) {
        self.noted(budget, value, "");
    }

    /// The same with a remark.
    pub(crate) fn noted(&mut self, budget: &'static Budget, value: f64, remark: &str) {
        let finding = Finding::Measured(value, remark.to_owned());
        self.findings.push((budget.what, finding));
    }

    /// A row that cannot be measured on this machine.
    pub(crate) fn skipped(&mut self, budget: &'static Budget, why: &str) {
        self.findings
            .push((budget.what, Finding::Skipped(why.to_owned())));
    }

    /// A table behind the rows.
    pub(crate) fn table(&mut self, title: &str, heads: &[&str], rows: &[Vec<String>]) {
        let rule: Vec<_> = heads
            .iter()
            .enumerate()
            .map(|(at, _)| if at == 0 { "---" } else { "---:" })
            .collect();
        let _ = writeln!(
            self.details,
            "\n### {title}\n\n| {} |\n| {} |",
            heads.join(" | "),
            rule.join(" | ")
        );
        for row in rows {
            let _ = writeln!(self.details, "| {} |", row.join(" | "));
        }
    }

    /// A sentence under the last table.
    pub(crate) fn remark(&mut self, text: &str) {
        let _ = writeln!(self.details, "\n{text}");
    }

    /// The rows over their budget.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        let broken = |budget: &&Budget| matches!(self.finding(budget), Some(Finding::Measured(value, _)) if !budget.limit.holds(*value));
        BUDGETS
            .iter()
            .copied()
            .filter(broken)
            .map(|budget| budget.what)
            .collect()
    }

    /// Everything as Markdown.
    pub(crate) fn markdown(&self, machine: &str) -> String {
        let mut text =
            format!("{machine}\n\n| what | budget | measured | |\n| --- | ---: | ---: | --- |\n");
        for budget in BUDGETS {
            let (value, remark) = match self.finding(budget) {
                Some(Finding::Measured(value, remark)) => {
                    let verdict = if budget.limit.holds(*value) {
                        "ok"
                    } else {
                        "**over budget**"
                    };
                    let remark = if remark.is_empty() {
                        verdict.to_owned()
                    } else {
                        format!("{verdict}; {remark}")
                    };
                    (budget.shown(*value), remark)
                }
                Some(Finding::Skipped(why)) => ("–".to_owned(), format!("skipped: {why}")),
                None => ("–".to_owned(), "not asked for".to_owned()),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {value} | {remark} |",
                budget.what,
                budget.bound()
            );
        }
        text + &self.details
    }

    fn finding(&self, budget: &Budget) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|(what, _)| *what == budget.what)
            .map(|(_, finding)| finding)
    }
}

/// Bytes as MiB.
pub(crate) fn mib(bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "sizes of files and processes are far below 2^52"
    )]
    let bytes = bytes as f64;
    bytes / 1_048_576.0
}
