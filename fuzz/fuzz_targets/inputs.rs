//! Bytes for the property `inputs`, which says what they are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codearts_properties::check("inputs", data));
