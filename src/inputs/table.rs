//! The table of inputs: names, types, defaults and meanings, in the order of the documentation.

use std::time::Duration;

/// What an input is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Which run.
    Run,
    /// Which host.
    Host,
    /// As whom.
    Credentials,
    /// Waiting for the run's end.
    Waiting,
    /// How requests are sent.
    Requests,
    /// What the step shows and writes.
    Report,
}

impl Group {
    /// Every group, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Run,
        Self::Host,
        Self::Credentials,
        Self::Waiting,
        Self::Requests,
        Self::Report,
    ];

    /// The heading of the group.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Host => "Host",
            Self::Credentials => "Credentials",
            Self::Waiting => "Waiting",
            Self::Requests => "Requests",
            Self::Report => "Report",
        }
    }
}

/// The type of a value, with its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 32 of `[0-9A-Za-z]`.
    Id,
    /// An id, or the word `latest`.
    IdOrLatest,
    /// Ids, separated by comma or line break.
    IdList,
    /// Any text in one line.
    Text,
    /// Text that is never shown.
    Secret,
    /// Scheme and host.
    Url,
    /// A path of the file system.
    Path,
    /// `true` or `false`.
    Bool,
    /// A time with a unit; the bounds belong to it.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// A whole number; the bounds belong to it.
    Integer {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Whether an input must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// It may be left out.
    No,
    /// It must be given; the text says what to give.
    Always(&'static str),
    /// It must be given where `endpoint` is not.
    UnlessEndpoint,
}

/// One input.
#[derive(Clone, Copy, Debug)]
pub struct InputSpec {
    /// The name, as `action.yml` spells it.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// The type of its value.
    pub kind: Kind,
    /// The value that holds where none is given, in the notation of the inputs.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub required: Required,
    /// Its meaning, in one line.
    pub help: &'static str,
}

impl InputSpec {
    /// Whether the value must be masked and never shown.
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    const fn new(name: &'static str, group: Group, kind: Kind, help: &'static str) -> Self {
        Self {
            name,
            group,
            kind,
            default: None,
            required: Required::No,
            help,
        }
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn required(mut self, required: Required) -> Self {
        self.required = required;
        self
    }
}

/// The longest duration: far beyond any use, and short enough that adding it to a time cannot overflow.
pub const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

const ANY_DURATION: Kind = Kind::Duration {
    min: Duration::ZERO,
    max: LONGEST,
};
const POSITIVE_DURATION: Kind = Kind::Duration {
    min: Duration::from_millis(1),
    max: LONGEST,
};
const POLL_INTERVAL: Kind = Kind::Duration {
    min: Duration::from_secs(1),
    max: Duration::from_secs(600),
};

/// Every input.
#[rustfmt::skip]
pub const INPUTS: &[InputSpec] = &{
    use Group::{Credentials, Host, Report, Requests, Run, Waiting};
    use Kind::{Bool, Choice, Id, IdList, IdOrLatest, Integer, Path, Secret, Text, Url};
    [
        InputSpec::new("project_id", Run, Id, "The CodeArts project that holds the pipeline (not the IAM project).")
            .required(Required::Always("the id of the CodeArts project, 32 letters and digits")),
        InputSpec::new("pipeline_id", Run, Id, "The pipeline.")
            .required(Required::Always("the id of the pipeline, 32 letters and digits")),
        InputSpec::new("pipeline_run_id", Run, IdOrLatest, "The run to retry, or `latest` for the pipeline's newest run, whatever its state.")
            .required(Required::Always("the id of the run, 32 letters and digits, or `latest`")),
        InputSpec::new("job_run_ids", Run, IdList, "Retry these job runs only, separated by comma or line break; without it, what the service chooses."),

        InputSpec::new("region", Host, Text, "The region, such as cn-north-4: selects the hosts of the service, IAM and STS, and the console link.")
            .required(Required::UnlessEndpoint),
        InputSpec::new("endpoint", Host, Url, "The service's URL where the region's is not right: https://host, or http:// for this machine only."),
        InputSpec::new("iam_endpoint", Host, Url, "The URL of IAM where the region's is not right."),
        InputSpec::new("sts_endpoint", Host, Url, "The URL of STS where the region's is not right."),

        InputSpec::new("auth_token", Credentials, Secret, "A user token, sent as X-Auth-Token."),
        InputSpec::new("access_key_id", Credentials, Secret, "The access key (AK) that signs the requests."),
        InputSpec::new("secret_access_key", Credentials, Secret, "The secret key (SK) that belongs to `access_key_id`."),
        InputSpec::new("security_token", Credentials, Secret, "The security token, where the access key is a temporary one."),
        InputSpec::new("iam_domain_name", Credentials, Text, "The account of the IAM user, for the password way."),
        InputSpec::new("iam_user_name", Credentials, Text, "The IAM user, for the password way."),
        InputSpec::new("iam_password", Credentials, Secret, "The password of the IAM user."),
        InputSpec::new("iam_project_name", Credentials, Text, "The IAM project that a token is for; without it `iam_project_id`, else the region's own."),
        InputSpec::new("oidc_provider_urn", Credentials, Text, "The URN of the identity provider, for the keyless way through STS."),
        InputSpec::new("oidc_agency_urn", Credentials, Text, "The URN of the agency to assume, for the keyless way through STS."),
        InputSpec::new("oidc_idp_id", Credentials, Text, "The identity provider, for the keyless way through an IAM v3 id token."),
        InputSpec::new("oidc_audience", Credentials, Text, "The audience of the id token that GitHub is asked for."),
        InputSpec::new("oidc_id_token", Credentials, Secret, "The id token, from a CI system other than GitHub."),
        InputSpec::new("oidc_id_token_file", Credentials, Path, "A file that holds the id token."),
        InputSpec::new("iam_project_id", Credentials, Text, "The IAM project id, sent as X-Project-Id when given."),
        InputSpec::new("ecs_metadata", Credentials, Bool, "Take the agency credentials of the ECS host that the step runs on.").or("false"),

        InputSpec::new("wait", Waiting, Bool, "Wait for the run's end and take its result.").or("false"),
        InputSpec::new("wait_timeout", Waiting, POSITIVE_DURATION, "How long to wait, from the start of the step.").or("60m"),
        InputSpec::new("poll_interval", Waiting, POLL_INTERVAL, "How often to look; the first looks are quicker.").or("10s"),
        InputSpec::new("max_retries", Waiting, Integer { min: 1, max: 10 }, "With `wait`: how often to retry a run that fails again, at most.").or("1"),
        InputSpec::new("on_cancel", Waiting, Choice(&["leave", "stop"]), "With `wait`, when the step is cancelled: leave the run that this step retried, or stop it.").or("leave"),

        InputSpec::new("max_attempts", Requests, Integer { min: 1, max: 20 }, "HTTP attempts per call, counting the first; 1 turns resending off.").or("5"),
        InputSpec::new("backoff", Requests, ANY_DURATION, "The delay before the second attempt; it doubles each time, and a random part of it is used.").or("1s"),
        InputSpec::new("max_backoff", Requests, ANY_DURATION, "The longest such delay.").or("30s"),
        InputSpec::new("connect_timeout", Requests, POSITIVE_DURATION, "How long connecting may take.").or("10s"),
        InputSpec::new("request_timeout", Requests, POSITIVE_DURATION, "How long one attempt may take, first byte sent to last byte read.").or("30s"),

        InputSpec::new("dry_run", Report, Bool, "Check everything and change nothing; overrides `wait`.").or("false"),
        InputSpec::new("log_lines", Report, Integer { min: 0, max: 1000 }, "Log lines of each failed step to show.").or("50"),
        InputSpec::new("output_file", Report, Path, "Also write the outputs here: a .json, .env, .properties or .sh file, or a directory (existing, or ending in /)."),
        InputSpec::new("log_level", Report, Choice(&["error", "warn", "info", "debug", "trace"]), "How much to log; RUNNER_DEBUG=1 raises it to at least debug.").or("info"),
    ]
};

/// The input of this name, in this exact spelling.
pub fn find(name: &str) -> Option<&'static InputSpec> {
    INPUTS.iter().find(|spec| spec.name == name)
}
