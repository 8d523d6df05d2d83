//! What happened, and the way to the run.

use crate::outcome::Outcome;
use crate::report::text::push;
use crate::report::{PRODUCT, headline, markdown};

pub(super) fn of(outcome: &Outcome) -> String {
    let kind = outcome.kind;
    let mark = if kind.is_success() { "✅" } else { "❌" };
    let sentence = capitalised(headline::of(kind));
    let mut section = [
        "### ",
        mark,
        " ",
        PRODUCT,
        ": ",
        kind.word(),
        "\n\n**",
        &sentence,
        ".**",
    ]
    .concat();
    if let Some(url) = &outcome.run.run_url {
        let label = match outcome.run.run_number {
            Some(number) => "Open run ".to_owned() + &number.to_string(),
            None => "Open the run".to_owned(),
        };
        push(&mut section, &[" ", &markdown::link(&label, url)]);
    }
    section.push('\n');
    section
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}
