//! Bytes for the property `retry_after`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("retry_after", data));
