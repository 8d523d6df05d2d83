//! Who may call: tokens, access keys, and what each of them may do.

mod check;
pub(crate) mod date;
mod identities;
mod signature;

pub(crate) use check::Refusal;
pub use identities::{AccessKey, Identities, Membership, UserToken};

/// Against which time the `X-Sdk-Date` of a signature is held (15 minutes either way).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DateCheck {
    /// The service's clock, virtual or real.
    #[default]
    Clock,
    /// A fixed time, milliseconds since the Unix epoch.
    At(u64),
    /// Not at all.
    Off,
}
