//! What must hold whatever comes in, each stated once: `cargo test` tries it with seeds and random mixtures of them
//! (`tests/properties.rs`), the fuzzer with whatever finds new ways through the code (`fuzz/`).
//!
//! A property takes bytes, makes of them what it needs, and panics where it does not hold. The forms of the bytes are
//! text that can be written by hand, and every module says its own.

#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is how a property says that it does not hold"
)]
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod answer;
mod detail;
mod error_body;
mod exchange;
mod inputs;
mod json;
pub mod log_text;
mod markdown;
mod outcomes;
mod outputs;
mod profile;
pub mod readers;
mod redaction;
mod retry_after;
mod signing;
mod wording;

/// A property, by the name of its fuzz target, its corpus and its dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// The name.
    pub name: &'static str,
    /// Panics where the property does not hold for these bytes.
    pub check: fn(&[u8]),
}

/// Every property.
pub const ALL: &[Property] = &[
    property("answer", answer::check),
    property("detail", detail::check),
    property("error_body", error_body::check),
    property("inputs", inputs::check),
    property("log_text", log_text::check),
    property("markdown", markdown::check),
    property("outputs", outputs::check),
    property("profile", profile::check),
    property("redaction", redaction::check),
    property("retry_after", retry_after::check),
    property("signing", signing::check),
];

const fn property(name: &'static str, check: fn(&[u8])) -> Property {
    Property { name, check }
}

/// Checks the property of this name.
pub fn check(name: &str, data: &[u8]) {
    let property = ALL.iter().find(|property| property.name == name);
    (property.expect("a name of the list").check)(data);
}
