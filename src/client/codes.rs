//! What the service's error codes mean, and what to do about each: the one table.
//!
//! Sources: (doc) the vendor's error code page api-pipeline/ErrorCode; (gateway) its API gateway page
//! devg-apisign/api-sign-errorcode; (terraform) the vendor's Terraform provider; (seen) public scripts that use the
//! service. APIGW.0201 stands for six statuses and is left to them.

use super::error::{FinalKind, Verdict};

/// What a code says about the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The run waits in a queue: accepted.
    Queued,
    /// The call failed.
    Failed(Verdict),
}

/// A code that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownCode {
    /// The code as the service spells it, with the gateway's prefix as `APIGW.`.
    pub code: &'static str,
    /// What it says about the call.
    pub meaning: Meaning,
    /// What to do next.
    pub advice: &'static str,
}

const UNAUTHORIZED: Meaning = Meaning::Failed(Verdict::Final(FinalKind::Unauthorized));
const FORBIDDEN: Meaning = Meaning::Failed(Verdict::Final(FinalKind::Forbidden));
const NOT_FOUND: Meaning = Meaning::Failed(Verdict::Final(FinalKind::NotFound));
const UNPROCESSED: Meaning = Meaning::Failed(Verdict::Unprocessed);
const BUSY: Meaning = Meaning::Failed(Verdict::MaybeProcessed);

/// What to do about a 401 that says nothing more.
pub(super) const CHECK_CREDENTIALS: &str = "Check the credentials: the access key and its secret belong together, a token or temporary key has not expired, and this machine's clock is right to within 15 minutes.";
/// What to do about a 403.
pub(super) const GRANT_THE_RIGHT: &str = "Give the identity the right to execute this pipeline: an IAM policy for CodeArts Pipeline, membership of the CodeArts project, and the execute permission on the pipeline.";
/// What to do about a 404.
pub const CHECK_IDS: &str = "Check project_id (the CodeArts project, not the IAM project), pipeline_id, pipeline_run_id and region; runs are kept for at most 90 days.";
const CHECK_PROJECT: &str = "Check project_id (the CodeArts project, not the IAM project), or add the identity to the CodeArts project as a member: the service answers the same for both.";
const CHECK_PIPELINE: &str = "Check pipeline_id, and that it belongs to the project of project_id.";
const CHECK_HOST: &str =
    "The host does not offer this call: check region, or endpoint if it is given.";
const WAIT_AND_REPEAT: &str = "The service limits how many calls or runs it takes: run the step again later, or raise max_attempts and max_backoff.";
const SERVICE_BUSY: &str = "The service was busy: run the step again later.";
const IS_QUEUED: &str = "The run waits in the pipeline's queue.";

const TABLE: [KnownCode; 24] = [
    entry("APIGW.0101", NOT_FOUND, CHECK_HOST), // gateway
    entry("APIGW.0103", NOT_FOUND, CHECK_HOST), // gateway
    entry("APIGW.0301", UNAUTHORIZED, CHECK_CREDENTIALS), // gateway
    entry("APIGW.0302", FORBIDDEN, GRANT_THE_RIGHT), // gateway
    entry("APIGW.0308", UNPROCESSED, WAIT_AND_REPEAT), // gateway
    entry("COCT.0070003", UNPROCESSED, WAIT_AND_REPEAT), // doc
    entry("COCT.0070500", BUSY, SERVICE_BUSY),  // doc
    entry("DEV.00000001", UNAUTHORIZED, CHECK_CREDENTIALS), // vendor page api-devstar/StartPipeline
    entry("DEVCP.00010000", BUSY, SERVICE_BUSY), // doc
    entry("DEVCP.00012002", NOT_FOUND, CHECK_IDS), // doc
    entry("DEVCP.00014031", FORBIDDEN, GRANT_THE_RIGHT), // doc
    entry("DEVCP.00020500", BUSY, SERVICE_BUSY), // doc
    entry("DEVCP.00021018", FORBIDDEN, GRANT_THE_RIGHT), // doc
    entry("DEVPIPE.00011104", UNPROCESSED, WAIT_AND_REPEAT), // seen
    entry("DEVPIPE.00011105", UNPROCESSED, WAIT_AND_REPEAT), // seen
    entry("DEVPIPE.00011136", NOT_FOUND, CHECK_PIPELINE), // seen
    entry("DEVPIPE.00011169", Meaning::Queued, IS_QUEUED), // terraform
    entry("DEVPIPE.00011170", Meaning::Queued, IS_QUEUED), // terraform
    entry("DEVPIPE.00011401", NOT_FOUND, CHECK_PIPELINE), // terraform
    entry("DEVPIPE.00011412", NOT_FOUND, CHECK_PROJECT), // terraform, seen
    entry("DEVPIPE.30011001", NOT_FOUND, CHECK_IDS), // terraform
    entry("DEVPIPE.30011011", FORBIDDEN, GRANT_THE_RIGHT), // terraform
    entry("DEVPIPE.30021001", NOT_FOUND, CHECK_PROJECT), // terraform
    entry("DEV_21_100169", NOT_FOUND, CHECK_PROJECT), // terraform
];

const fn entry(code: &'static str, meaning: Meaning, advice: &'static str) -> KnownCode {
    KnownCode {
        code,
        meaning,
        advice,
    }
}

/// Finds a code; `APIG.` and `APIC.` are other gateways' spellings of `APIGW.`.
pub(super) fn look_up(code: &str) -> Option<KnownCode> {
    let gateway = code
        .strip_prefix("APIG.")
        .or_else(|| code.strip_prefix("APIC."));
    let spelled = gateway.map_or_else(|| code.to_owned(), |number| format!("APIGW.{number}"));
    TABLE.into_iter().find(|known| known.code == spelled)
}

/// Texts in an authentication failure that say more than its code (vendor page devg-apisign/api-sign-errorcode).
const MESSAGE_HINTS: [(&str, &str); 4] = [
    (
        "Get secretKey failed",
        "The access key is unknown to the service: check access_key_id, and that the key was not deleted or disabled.",
    ),
    (
        "decrypt token fail",
        "The token is not valid here: it is damaged, has expired, or belongs to another region.",
    ),
    (
        "reach the limit",
        "The access key is locked after too many wrong signatures: correct secret_access_key, then wait before the step runs again.",
    ),
    (
        "verify aksk signature fail",
        "The signature does not match: check that secret_access_key belongs to access_key_id, and this machine's clock.",
    ),
];

/// A better advice than the code's, where the message gives one away.
pub(super) fn hint(message: &str) -> Option<&'static str> {
    MESSAGE_HINTS
        .into_iter()
        .find(|(text, _)| message.contains(text))
        .map(|(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_gateways_prefixes_read_as_the_same_code() {
        for code in ["APIGW.0301", "APIG.0301", "APIC.0301"] {
            assert_eq!(
                look_up(code).map(|known| known.meaning),
                Some(UNAUTHORIZED),
                "{code}"
            );
        }
        assert_eq!(look_up("APIGW.0201"), None);
        assert_eq!(
            look_up("DEVPIPE.00011169").map(|known| known.meaning),
            Some(Meaning::Queued)
        );
    }

    #[test]
    fn an_absent_project_is_explained_as_a_missing_membership_too() {
        for code in ["DEVPIPE.00011412", "DEV_21_100169", "DEVPIPE.30021001"] {
            assert!(
                look_up(code).unwrap().advice.contains("as a member"),
                "{code}"
            );
        }
    }

    #[test]
    fn the_message_of_a_bad_key_gives_a_closer_advice() {
        assert!(
            hint("Incorrect IAM authentication information: Get secretKey failed,ak:X")
                .unwrap()
                .contains("access_key_id")
        );
        assert_eq!(hint("something else"), None);
    }

    #[test]
    fn the_page_about_credentials_has_a_row_for_every_message_that_has_an_advice() {
        let page = include_str!("../../docs/credentials.md");
        for (text, _) in MESSAGE_HINTS {
            assert!(
                page.contains(&format!("| `unauthorized`, `{text}` |")),
                "{text}"
            );
        }
    }
}
