//! From what the inputs and the environment say to a source that can be asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::ecs::{self, EcsHost};
use super::iam_oidc::{self, IdTokenExchange};
use super::id_token::{self, IdToken, target_for};
use super::password::{self, IamUser};
use super::provider::{IssuedCredentials, Source};
use super::scope::Scope;
use super::service::{Role, Setting, TokenService};
use super::sts_oidc::{self, AssumedAgency};
use crate::client::{Connect, CredentialProvider, FixedCredentials, InvalidProxy, Transport};
use crate::credentials::{IdTokenOrigin, Origin, read_id_token};
use crate::endpoint::Endpoint;
use crate::inputs::{InputError, Inputs};

/// The metadata service is on the local link and answers at once, or is not there (Python and Go SDK).
const METADATA_TIMEOUT: Duration = Duration::from_secs(3);

/// Why there is no way to a token service.
#[derive(Clone, Debug)]
pub enum Problem {
    /// An input is missing or wrong.
    Input(InputError),
    /// A proxy cannot be used.
    Proxy(InvalidProxy),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Proxy(invalid) => write!(
                f,
                "the proxy cannot be used: {} is not the URL of a proxy",
                invalid.variable
            ),
        }
    }
}

/// What the client asks for credentials: found hosts and scope for what the origin needs. Nothing is sent; a file with an
/// ID token is read once, to see that it is there. `metadata` is the metadata service's endpoint.
pub fn provider(
    origin: Origin,
    inputs: &Inputs,
    network: &dyn Connect,
    metadata: &Endpoint,
    setting: Setting,
) -> Result<Box<dyn CredentialProvider>, Vec<Problem>> {
    let mut setup = Setup {
        inputs,
        network,
        problems: Vec::new(),
    };
    if let Origin::Given(credentials) = origin {
        return Ok(Box::new(FixedCredentials(Arc::new(credentials))));
    }
    match setup.source(origin, metadata) {
        Some(source) if setup.problems.is_empty() => {
            Ok(Box::new(IssuedCredentials::new(source, setting)))
        }
        _ => Err(setup.problems),
    }
}

struct Setup<'a> {
    inputs: &'a Inputs,
    network: &'a dyn Connect,
    problems: Vec<Problem>,
}

impl Setup<'_> {
    /// `None` where a problem was found.
    fn source(&mut self, origin: Origin, metadata: &Endpoint) -> Option<Box<dyn Source>> {
        Some(match origin {
            Origin::Given(_) => return None,
            Origin::Password {
                domain_name,
                user_name,
                password,
                project_name,
            } => {
                let (scope, iam) = (self.scope(project_name), self.iam(&password::ROLE));
                Box::new(IamUser {
                    iam: iam?,
                    domain_name,
                    name: user_name,
                    password,
                    scope: scope?,
                })
            }
            Origin::ExchangedIdToken {
                idp_id,
                id_token,
                project_name,
            } => {
                let (scope, iam) = (self.scope(project_name), self.iam(&iam_oidc::ROLE));
                let id_token = self.id_token(id_token);
                Box::new(IdTokenExchange {
                    iam: iam?,
                    idp_id,
                    id_token: id_token?,
                    scope: scope?,
                })
            }
            Origin::AssumedAgency {
                provider_urn,
                agency_urn,
                id_token,
                session,
            } => {
                let (sts, id_token) = (self.sts(), self.id_token(id_token));
                Box::new(AssumedAgency {
                    sts: sts?,
                    provider_urn,
                    agency_urn,
                    id_token: id_token?,
                    session,
                })
            }
            Origin::Metadata => {
                let transport = self.network.on_link(metadata, METADATA_TIMEOUT);
                Box::new(EcsHost {
                    metadata: self.service(metadata.clone(), transport, &ecs::ROLE)?,
                })
            }
        })
    }

    fn input(&mut self, error: InputError) {
        self.problems.push(Problem::Input(error));
    }

    /// By its name, else by its id, else the region's own.
    fn scope(&mut self, name: Option<String>) -> Option<Scope> {
        let inputs = self.inputs;
        let scope = name
            .map(Scope::Name)
            .or_else(|| inputs.iam_project_id.clone().map(Scope::Id))
            .or_else(|| inputs.region.clone().map(Scope::Name));
        if scope.is_none() {
            self.input(InputError::Missing {
                input: "iam_project_id",
                hint: "the IAM project that the token is for, by its id or as `iam_project_name`, since there is no `region` whose project it could be",
            });
        }
        scope
    }

    fn iam(&mut self, role: &'static Role) -> Option<TokenService> {
        let of_region = || Endpoint::iam_of_region(self.inputs.region.as_deref()?);
        let Some(endpoint) = self.inputs.iam_endpoint.clone().or_else(of_region) else {
            self.input(InputError::Missing {
                input: "iam_endpoint",
                hint: "the URL of IAM, since there is no `region` whose IAM is known",
            });
            return None;
        };
        self.on_network(endpoint, role)
    }

    fn sts(&mut self) -> Option<TokenService> {
        let of_region = || Endpoint::sts_of_region(self.inputs.region.as_deref()?);
        let Some(endpoint) = self.inputs.sts_endpoint.clone().or_else(of_region) else {
            self.input(InputError::Missing {
                input: "sts_endpoint",
                hint: "the URL of STS, since there is no `region` whose STS is known",
            });
            return None;
        };
        self.on_network(endpoint, &sts_oidc::ROLE)
    }

    fn id_token(&mut self, origin: IdTokenOrigin) -> Option<IdToken> {
        match origin {
            IdTokenOrigin::Given(token) => Some(IdToken::Given(token)),
            IdTokenOrigin::File { path, place } => match read_id_token(&path) {
                Ok(_) => Some(IdToken::File { path, place }),
                Err(problem) => {
                    self.input(InputError::Unusable { place, problem });
                    None
                }
            },
            IdTokenOrigin::GitHub {
                request_url,
                request_token,
                audience,
            } => match Endpoint::split(&request_url) {
                Ok((endpoint, target)) => Some(IdToken::GitHub {
                    service: self.on_network(endpoint, &id_token::ROLE)?,
                    target: target_for(target, audience.as_deref()),
                    request_token,
                }),
                Err(problem) => {
                    self.input(InputError::Unusable {
                        place: "ACTIONS_ID_TOKEN_REQUEST_URL".to_owned(),
                        problem: format!("must {problem}"),
                    });
                    None
                }
            },
        }
    }

    fn on_network(&mut self, endpoint: Endpoint, role: &'static Role) -> Option<TokenService> {
        let transport = self.network.to(&endpoint);
        self.service(endpoint, transport, role)
    }

    fn service(
        &mut self,
        endpoint: Endpoint,
        transport: Result<Box<dyn Transport>, InvalidProxy>,
        role: &'static Role,
    ) -> Option<TokenService> {
        match transport {
            Ok(transport) => Some(TokenService {
                transport,
                endpoint,
                role,
            }),
            Err(invalid) => {
                self.problems.push(Problem::Proxy(invalid));
                None
            }
        }
    }
}

#[cfg(test)]
#[path = "setup_tests.rs"]
mod tests;
