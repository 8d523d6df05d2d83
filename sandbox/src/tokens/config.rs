//! What the token services know. All of it is fake.

use super::jwt::IdClaims;

/// What the token services know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenServices {
    /// The account of the one IAM user there is. Default `sandbox-account`.
    pub domain_name: String,
    /// The user. Default `sandbox-user`.
    pub user_name: String,
    /// The user's password.
    pub password: String,
    /// The name of the one IAM project there is. Default `cn-north-4`.
    pub project_name: String,
    /// Its id. Default 32 times `0`.
    pub project_id: String,
    /// Tokens are for no project, whatever is asked for. Default false.
    pub unscoped: bool,
    /// The identity provider of IAM v3. Default `sandbox-idp`.
    pub idp_id: String,
    /// The identity provider of STS.
    pub provider_urn: String,
    /// The agency that may be assumed.
    pub agency_urn: String,
    /// Who may be assumed by: issuer, audience and subject of ID tokens, as both identity providers trust them and as
    /// GitHub issues them. The audience is what the trust asks for; GitHub issues the one it is asked for.
    pub trust: IdClaims,
    /// The audience of GitHub's tokens where none is asked for. Default the owner's URL, as on GitHub.
    pub default_audience: String,
    /// The token that GitHub takes requests for ID tokens with.
    pub request_token: String,
    /// How long an ID token of GitHub is good for, in milliseconds. Default 5 minutes.
    pub id_token_ms: u64,
    /// How long tokens of IAM are good for, in milliseconds. Default 24 hours.
    pub token_ms: u64,
    /// How long temporary keys are good for, in milliseconds. Default 1 hour.
    pub key_ms: u64,
    /// What the metadata service offers. Default [`Metadata::Keys`].
    pub metadata: Metadata,
}

/// What the metadata service of the host offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metadata {
    /// Keys of the host's agency, to whoever asks with a token of the service.
    #[default]
    Keys,
    /// The same without a token; the call for it does not exist. An older host.
    KeysWithoutToken,
    /// Nothing: no agency is configured.
    NoAgency,
}

impl Default for TokenServices {
    fn default() -> Self {
        Self {
            domain_name: "sandbox-account".to_owned(),
            user_name: "sandbox-user".to_owned(),
            password: "Sandbox-password/not+real \"1\"".to_owned(),
            project_name: "cn-north-4".to_owned(),
            project_id: "0".repeat(32),
            unscoped: false,
            idp_id: "sandbox-idp".to_owned(),
            provider_urn: "iam::0123456789abcdef0123456789abcdef:oidcProvider:sandbox".to_owned(),
            agency_urn: "iam::0123456789abcdef0123456789abcdef:agency:sandbox".to_owned(),
            trust: IdClaims {
                issuer: "https://token.actions.githubusercontent.com".to_owned(),
                audience: "https://sandbox.example/a b&c".to_owned(),
                subject: "repo:OWNER@1/REPO@2:ref:refs/heads/main".to_owned(),
            },
            default_audience: "https://github.com/OWNER".to_owned(),
            request_token: "sandbox-request-token-not-real-0123456789".to_owned(),
            id_token_ms: 5 * 60 * 1000,
            token_ms: 24 * 60 * 60 * 1000,
            key_ms: 60 * 60 * 1000,
            metadata: Metadata::default(),
        }
    }
}
