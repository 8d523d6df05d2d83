//! The credentials the service knows; the token services issue into this store.

use std::collections::BTreeMap;

use crate::ids;

/// What the user behind a credential may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Membership {
    /// Everything.
    #[default]
    Member,
    /// Known, but not allowed: 403 `APIGW.0302`.
    Forbidden,
    /// Allowed by IAM, but not a member of the `CodeArts` project: lists are empty, other calls give
    /// `DEVPIPE.00011412` (public scripts).
    NotAMember,
}

/// A token that is accepted as `X-Auth-Token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserToken {
    pub(crate) token: String,
    pub(crate) expires_ms: Option<u64>,
    pub(crate) membership: Membership,
}

impl UserToken {
    /// A token of a member that does not expire.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            expires_ms: None,
            membership: Membership::Member,
        }
    }

    /// When it ends, in milliseconds of the service's clock. Default never.
    #[must_use]
    pub fn expires_ms(mut self, at_ms: u64) -> Self {
        self.expires_ms = Some(at_ms);
        self
    }

    /// What its user may do. Default [`Membership::Member`].
    #[must_use]
    pub fn membership(mut self, membership: Membership) -> Self {
        self.membership = membership;
        self
    }
}

/// An access key that is accepted in signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) security_token: Option<String>,
    pub(crate) expires_ms: Option<u64>,
    pub(crate) membership: Membership,
}

impl AccessKey {
    /// A permanent key of a member.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            security_token: None,
            expires_ms: None,
            membership: Membership::Member,
        }
    }

    /// Makes it a temporary key that is good only together with this token.
    #[must_use]
    pub fn security_token(mut self, token: impl Into<String>) -> Self {
        self.security_token = Some(token.into());
        self
    }

    /// When it ends, in milliseconds of the service's clock. Default never.
    #[must_use]
    pub fn expires_ms(mut self, at_ms: u64) -> Self {
        self.expires_ms = Some(at_ms);
        self
    }

    /// What its user may do. Default [`Membership::Member`].
    #[must_use]
    pub fn membership(mut self, membership: Membership) -> Self {
        self.membership = membership;
        self
    }
}

/// All credentials, and how often each key's signature was wrong.
#[derive(Debug, Clone)]
pub struct Identities {
    pub(crate) tokens: Vec<UserToken>,
    pub(crate) keys: Vec<AccessKey>,
    pub(crate) lock_after: u32,
    pub(crate) wrong_signatures: BTreeMap<String, u32>,
}

impl Default for Identities {
    /// The built-in fake token and the two built-in fake keys; a key is locked after 5 wrong signatures.
    fn default() -> Self {
        Self {
            tokens: vec![UserToken::new(ids::TOKEN)],
            keys: vec![
                AccessKey::new(ids::ACCESS_KEY_ID, ids::SECRET_ACCESS_KEY),
                AccessKey::new(
                    ids::TEMPORARY_ACCESS_KEY_ID,
                    ids::TEMPORARY_SECRET_ACCESS_KEY,
                )
                .security_token(ids::SECURITY_TOKEN),
            ],
            lock_after: 5,
            wrong_signatures: BTreeMap::new(),
        }
    }
}

impl Identities {
    /// No credentials at all.
    pub fn none() -> Self {
        Self {
            tokens: Vec::new(),
            keys: Vec::new(),
            ..Self::default()
        }
    }

    /// Every secret in here: tokens, access keys, secret keys, security tokens.
    pub fn secrets(&self) -> Vec<String> {
        let tokens = self.tokens.iter().map(|own| own.token.clone());
        let keys = self.keys.iter().flat_map(|own| {
            [own.id.clone(), own.secret.clone()]
                .into_iter()
                .chain(own.security_token.clone())
        });
        tokens.chain(keys).collect()
    }

    /// Adds a token, or replaces the one of the same text.
    pub fn add_token(&mut self, token: UserToken) {
        self.tokens.retain(|own| own.token != token.token);
        self.tokens.push(token);
    }

    /// Forgets a token.
    pub fn revoke_token(&mut self, token: &str) {
        self.tokens.retain(|own| own.token != token);
    }

    /// Adds a key, or replaces the one of the same id.
    pub fn add_key(&mut self, key: AccessKey) {
        self.keys.retain(|own| own.id != key.id);
        self.keys.push(key);
    }

    /// Forgets a key.
    pub fn revoke_key(&mut self, access_key_id: &str) {
        self.keys.retain(|own| own.id != access_key_id);
    }

    /// After how many wrong signatures a key is locked. Default 5.
    pub fn lock_after(&mut self, wrong_signatures: u32) {
        self.lock_after = wrong_signatures;
    }
}
