//! Bytes for the property `error_body`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("error_body", data));
