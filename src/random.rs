//! Randomness, from the operating system.

use ring::rand::SecureRandom as _;

/// 128 random bits.
///
/// # Panics
///
/// Where the operating system gives no random bytes: then there is no TLS and no temporary file either.
pub fn random_u128() -> u128 {
    let mut bytes = [0; 16];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes: TLS and temporary files need them too");
    u128::from_be_bytes(bytes)
}

/// A number in `[0, 1)`.
pub fn random_fraction() -> f64 {
    /// The bits a double holds exactly.
    const BITS: u32 = 53;
    let bits = u64::try_from(random_u128() >> (u128::BITS - BITS)).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    let fraction = bits as f64 / (1_u64 << BITS) as f64;
    fraction
}
