//! The ids and fake credentials that a sandbox knows when nothing else is configured.

use std::fmt::Write as _;

/// The `CodeArts` project.
pub const PROJECT_ID: &str = "d80a8a6530324b7bac972cbb8a9f28ec";
/// The pipeline.
pub const PIPELINE_ID: &str = "8bfbd69eac154a0da341705a36294aca";
/// The one run there is at the start: ended, FAILED.
pub const RUN_ID: &str = "94511c7207474053ab5f6e2dd5624cd5";
/// The number of [`RUN_ID`].
pub const RUN_NUMBER: u64 = 7;

/// A user token, sent as `X-Auth-Token`. Fake.
pub const TOKEN: &str = "MIIPSandboxTokenNotReal0123456789abcdefghijklmnopqrstuvwxyz==";
/// A permanent access key. Fake.
pub const ACCESS_KEY_ID: &str = "SANDBOXACCESSKEY0001";
/// The secret of [`ACCESS_KEY_ID`]. Fake.
pub const SECRET_ACCESS_KEY: &str = "SandboxSecretKeyNotReal0000000000000001";
/// A temporary access key, good only together with [`SECURITY_TOKEN`]. Fake.
pub const TEMPORARY_ACCESS_KEY_ID: &str = "SANDBOXTEMPORARY0001";
/// The secret of [`TEMPORARY_ACCESS_KEY_ID`]. Fake.
pub const TEMPORARY_SECRET_ACCESS_KEY: &str = "SandboxTemporarySecretNotReal0000000001";
/// The security token of [`TEMPORARY_ACCESS_KEY_ID`]. Fake.
pub const SECURITY_TOKEN: &str = "SANDBOX-SECURITY-TOKEN-not-real/abc+def==0123456789";

/// An id of the service's form: 32 characters of `[0-9a-f]`, the same for the same `name`.
///
/// Not a cryptographic hash: a detail has dozens of ids, and a simulated day asks for thousands of details.
pub fn id_for(name: &str) -> String {
    let halves = [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142].map(|start| mixed(name, start));
    format!("{:016x}{:016x}", halves[0], halves[1])
}

/// FNV-1a, and the last steps of `MurmurHash3`, since FNV alone leaves names that differ at their end alike.
fn mixed(name: &str, start: u64) -> u64 {
    let sum = name.bytes().fold(start, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    sum ^ (sum >> 33)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}
