//! Other words of the same shape: whatever is told without a secret is told the same for another one.

use std::ffi::{OsStr, OsString};

/// A name or a value of these bytes.
#[cfg(unix)]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes.iter().copied().filter(|byte| *byte != 0).collect())
}

/// A name or a value of these bytes; what is not UTF-8 is replaced.
#[cfg(not(unix))]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).replace('\0', "").into()
}

/// Every letter and digit moved on, and everything else as it was: another value that is as good or as bad.
pub(crate) fn other(value: &OsStr) -> OsString {
    os_string(&other_bytes(value.as_encoded_bytes()))
}

pub(crate) fn other_bytes(bytes: &[u8]) -> Vec<u8> {
    let moved = |byte: &u8| match byte {
        b'z' => b'a',
        b'Z' => b'A',
        b'9' => b'0',
        byte if byte.is_ascii_alphanumeric() => byte + 1,
        byte => *byte,
    };
    bytes.iter().map(moved).collect()
}
