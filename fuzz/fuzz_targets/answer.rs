//! Bytes for the property `answer`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("answer", data));
