//! Bytes for the property `redaction`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("redaction", data));
