//! The process boundary.
fn main() {}
