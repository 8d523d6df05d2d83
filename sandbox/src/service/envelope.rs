//! The bodies that errors come in: the gateway's, and the service's own inside a 200.

use serde_json::json;

use crate::auth::Refusal;
use crate::reply::Reply;

/// A refusal of the API gateway (vendor help page devg-apisign/api-sign-errorcode).
fn gateway(status: u16, code: &str, message: &str, request_id: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error_code": code, "error_msg": message, "request_id": request_id}),
    )
}

/// 401 or 403, with the texts that the vendor's help page gives for them.
pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> Reply {
    match refusal {
        Refusal::Unauthorized(reason) | Refusal::WrongSignature(reason) => {
            let message = format!("Incorrect IAM authentication information: {reason}");
            gateway(401, "APIGW.0301", &message, request_id)
        }
        Refusal::Forbidden => gateway(
            403,
            "APIGW.0302",
            "The IAM user is not authorized to access the API",
            request_id,
        ),
    }
}

/// 404: no such API in this region, which also means a wrong host, path or method.
pub(crate) fn no_such_api(request_id: &str) -> Reply {
    gateway(
        404,
        "APIGW.0101",
        "The API does not exist or has not been published in the environment",
        request_id,
    )
}

/// An error of the service itself, which it puts into a 200 (vendor help page api-pipeline/ErrorCode).
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error_code": code, "error_msg": message}))
}

/// The project is absent or the caller is no member of it (Terraform provider, public scripts).
pub(crate) fn project_not_found() -> Reply {
    error(200, "DEVPIPE.00011412", "project does not exist")
}

/// The pipeline is absent (Terraform provider).
pub(crate) fn pipeline_not_found() -> Reply {
    error(200, "DEVPIPE.00011401", "pipeline does not exist")
}

/// No such record (vendor help page api-pipeline/ErrorCode).
pub(crate) fn run_not_found() -> Reply {
    error(200, "DEVCP.00012002", "the instance id does not exist")
}

/// Invalid parameter or body (vendor help page api-pipeline/ErrorCode).
pub(crate) fn invalid(what: &str) -> Reply {
    error(200, "DEVCP.00014004", &format!("invalid parameter: {what}"))
}

/// The answer of the calls that only say whether they were accepted.
pub(crate) fn success(accepted: bool) -> Reply {
    Reply::json(200, &json!({"success": accepted}))
}
