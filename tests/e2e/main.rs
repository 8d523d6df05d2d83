//! The real program against the sandbox, as a CI step would run it: one binary, a scrubbed environment.

mod never_green;
mod never_twice;
mod outcomes;
mod support;
