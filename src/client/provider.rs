//! Where the credentials of a call come from.

use std::sync::Arc;

use super::error::CallFailure;
use crate::credentials::Credentials;

/// Gives the credentials that calls are made with. Several threads may ask at once.
pub trait CredentialProvider: Send + Sync {
    /// The credentials valid now. A source that issues them for a time asks for new ones first where they end soon.
    fn current(&self) -> Result<Arc<Credentials>, CallFailure>;

    /// Others, in the place of those that the service refused with a 401; `None` where the source has no others.
    fn renew(&self, refused: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CallFailure>;

    /// The last ones there were, valid or not, without asking anybody: for a call that cannot wait.
    fn held(&self) -> Option<Arc<Credentials>>;
}

/// Credentials that stay as they are. A 401 stands: repeated wrong signatures would lock the key.
#[derive(Debug)]
pub struct FixedCredentials(pub Arc<Credentials>);

impl CredentialProvider for FixedCredentials {
    fn current(&self) -> Result<Arc<Credentials>, CallFailure> {
        Ok(Arc::clone(&self.0))
    }

    fn renew(&self, _refused: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CallFailure> {
        Ok(None)
    }

    fn held(&self) -> Option<Arc<Credentials>> {
        Some(Arc::clone(&self.0))
    }
}

/// Whether a call may still ask for other credentials after a 401: once, however many attempts it has.
#[derive(Debug, Default)]
pub struct Renewal {
    pub(super) is_used: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn fixed_credentials_are_there_for_every_call_and_no_others_come_after_a_401() {
        let own = Arc::new(Credentials::Token(Secret::new("t")));
        let fixed = FixedCredentials(Arc::clone(&own));
        assert_eq!(fixed.current().as_deref(), Ok(&*own));
        assert_eq!(fixed.held().as_deref(), Some(&*own));
        assert_eq!(fixed.renew(&own), Ok(None));
    }
}
