//! Bytes for the property `log_text`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("log_text", data));
