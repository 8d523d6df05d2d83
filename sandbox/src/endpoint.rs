//! The calls of the service, and which one a request is.

use serde::{Deserialize, Serialize};

use crate::request::Request;
use crate::run::Held;

/// A call of the service, or all of them where a fault is matched.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Endpoint {
    /// Every request.
    #[default]
    Any,
    /// `PUT …/pipeline-runs/{run}/retry`.
    Retry,
    /// `GET …/pipeline-runs/detail`.
    Detail,
    /// `POST …/pipeline-runs/list`.
    List,
    /// `GET …/queued-pipeline`.
    Queue,
    /// `POST …/{run}/cancel-queuing/{queue_id}`.
    CancelQueuing,
    /// `POST …/pipeline-runs/{run}/stop`.
    Stop,
    /// `POST …/pipeline-runs/{run}/jobs/{job}/steps/{step}/logs`.
    Logs,
    /// `GET …/pipeline-runs/{run}/steps/outputs`.
    Outputs,
    /// `POST …/pipeline-runs/{run}/jobs/{job}/steps/{step}/pass`, `/refuse` and `/resume`, and
    /// `POST …/pipeline-runs/{run}/steps/{step}/manual/pass` and `/refuse`.
    Review,
    /// `GET …/pipelines/{pipeline}`.
    Definition,
    /// IAM: `POST /v3/auth/tokens`.
    PasswordToken,
    /// IAM: `POST /v3.0/OS-AUTH/id-token/tokens`.
    IdTokenExchange,
    /// STS: `POST /v5/agencies/assume-with-oidc`.
    AssumeWithOidc,
    /// GitHub: `GET /github/idtoken`.
    #[serde(rename = "GITHUB_ID_TOKEN")]
    GitHubIdToken,
    /// Metadata service: `PUT /meta-data/latest/api/token`.
    MetadataToken,
    /// Metadata service: `GET /openstack/latest/securitykey`.
    MetadataKey,
    /// None of them.
    Other,
}

impl Endpoint {
    /// Whether a fault on `self` applies to a request to `other`.
    pub(crate) fn matches(self, other: Self) -> bool {
        self == Self::Any || self == other
    }
}

/// A request's call with the ids of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) project_id: &'a str,
    pub(crate) pipeline_id: &'a str,
    pub(crate) call: Call<'a>,
}

/// What is called, with the ids that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call<'a> {
    Retry(&'a str),
    Detail,
    List,
    Queue,
    CancelQueuing {
        run: &'a str,
        queue_id: &'a str,
    },
    Stop(&'a str),
    Logs {
        run: &'a str,
        job: &'a str,
        step: &'a str,
    },
    Outputs(&'a str),
    Review {
        run: &'a str,
        held: Held<'a>,
        pass: bool,
    },
    Definition,
}

impl<'a> Call<'a> {
    /// The run that is named in the path.
    pub(crate) fn run(self) -> Option<&'a str> {
        match self {
            Self::Retry(run)
            | Self::Stop(run)
            | Self::CancelQueuing { run, .. }
            | Self::Logs { run, .. }
            | Self::Outputs(run)
            | Self::Review { run, .. } => Some(run),
            Self::Detail | Self::List | Self::Queue | Self::Definition => None,
        }
    }

    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::Retry(_) => Endpoint::Retry,
            Self::Detail => Endpoint::Detail,
            Self::List => Endpoint::List,
            Self::Queue => Endpoint::Queue,
            Self::CancelQueuing { .. } => Endpoint::CancelQueuing,
            Self::Stop(_) => Endpoint::Stop,
            Self::Logs { .. } => Endpoint::Logs,
            Self::Outputs(_) => Endpoint::Outputs,
            Self::Review { .. } => Endpoint::Review,
            Self::Definition => Endpoint::Definition,
        }
    }
}

/// The route of a request; `None` if no such API is published.
pub(crate) fn route(request: &Request) -> Option<Route<'_>> {
    let segments: Vec<&str> = request.path().strip_prefix('/')?.split('/').collect();
    let (project_id, pipeline_id, rest) = match segments.as_slice() {
        ["v5", project, "api", "pipelines", pipeline, rest @ ..] => (*project, *pipeline, rest),
        _ => return None,
    };
    let call = match (request.method.as_str(), rest) {
        (method, ["pipeline-runs", run, rest @ ..]) if rest.contains(&"steps") => {
            of_steps(method, run, rest)?
        }
        ("PUT", ["pipeline-runs", run, "retry"]) => Call::Retry(run),
        ("GET", ["pipeline-runs", "detail"]) => Call::Detail,
        ("POST", ["pipeline-runs", "list"]) => Call::List,
        ("GET", ["queued-pipeline"]) => Call::Queue,
        ("POST", [run, "cancel-queuing", queue_id]) => Call::CancelQueuing { run, queue_id },
        ("POST", ["pipeline-runs", run, "stop"]) => Call::Stop(run),
        ("GET", []) => Call::Definition,
        _ => return None,
    };
    Some(Route {
        project_id,
        pipeline_id,
        call,
    })
}

/// The calls about steps of a run (vendor help pages `ShowPipelineLog`, `ResumePipeline`; SDK `AcceptManualReview`,
/// `RejectManualReview`, `AcceptCheckpoint`; Terraform provider).
fn of_steps<'a>(method: &str, run: &'a str, rest: &[&'a str]) -> Option<Call<'a>> {
    let review = |held, decision| {
        let pass = match decision {
            "pass" => true,
            "refuse" => false,
            _ => return None,
        };
        Some(Call::Review { run, held, pass })
    };
    match (method, rest) {
        ("GET", ["steps", "outputs"]) => Some(Call::Outputs(run)),
        ("POST", ["jobs", job, "steps", step, "logs"]) => Some(Call::Logs { run, job, step }),
        ("POST", ["jobs", job, "steps", step, "resume"]) => {
            review(Held::Suspension(job, step), "pass")
        }
        ("POST", ["jobs", job, "steps", step, decision]) => {
            review(Held::Review(job, step), decision)
        }
        ("POST", ["steps", step, "manual", decision]) => review(Held::Gate(step), decision),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_method_is_part_of_the_route() {
        let mut request = Request {
            method: "PUT".to_owned(),
            target: "/v5/p/api/pipelines/q/pipeline-runs/r/retry?x=1".to_owned(),
            ..Request::default()
        };
        let found = route(&request).map(|route| (route.project_id, route.call));
        assert_eq!(found, Some(("p", Call::Retry("r"))));
        "POST".clone_into(&mut request.method);
        assert_eq!(route(&request), None);
    }
}
