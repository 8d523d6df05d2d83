//! Which IAM project a token is for.

use serde_json::{Value, json};

/// `CodeArts` takes project-scoped tokens only (vendor help page api-codeci/cloudbuild_03_0009).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The project of this name; each region has one that is named like it.
    Name(String),
    /// The project of this id.
    Id(String),
}

impl Scope {
    /// The `scope` of a token request (vendor help page api-iam/iam_30_0001).
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Name(name) => json!({"project": {"name": name}}),
            Self::Id(id) => json!({"project": {"id": id}}),
        }
    }
}
