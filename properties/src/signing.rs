//! Signed requests: the sandbox, which knows nothing of the signer, takes the signature of any path, query and body.
//!
//! The bytes are lines: a segment of the path, the value of a query pair, the access key, the secret key; the rest is the
//! body.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codearts_retry::client::{Answer, ApiRequest, FixedCredentials, Method, Renewal, WireRequest};
use codearts_retry::credentials::Credentials;
use codearts_retry::inputs::secret_problem;
use codearts_retry::secret::{Redactor, Secret};
use codearts_sandbox::{AccessKey, Config, Content, Identities, Request, Service};

use crate::exchange::{Canned, HOST, START, json_answer};

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (project, value, access_key, secret_key, body) = (line(), line(), line(), line(), line());
    let Some(keys) = keys(access_key, secret_key) else {
        return;
    };
    let mut identities = Identities::none();
    identities.add_key(AccessKey::new(access_key.trim(), secret_key.trim()));
    let service = Service::new(Config::default(), Vec::new(), identities, START * 1000);
    let service = Mutex::new(service);
    let canned = Canned::new(|request: &WireRequest, _| take(&service, request));
    let redactor = Redactor::default();
    let client = canned.client(&keys, &redactor, 1, Duration::from_secs(600));
    // A call that there is, as the others are refused before the signature is looked at.
    let project = project.replace('/', "-");
    let path = format!("/v5/{project}/api/pipelines/x/pipeline-runs/list");
    let request = ApiRequest::new(Method::Post, &*path)
        .with_query("pipeline_run_id", value)
        .with_query("a", &*project)
        .with_body(body);
    let refusal = client
        .attempt(&request, &mut Renewal::default())
        .0
        .unwrap_err();
    let code = refusal.service_code.as_deref().unwrap_or_default();
    assert!(SAID_TO_ACQUAINTANCES.contains(&code), "{refusal:?}");
    check_target(&request.target(), &path, value);
}

/// The keys, where they are such as the inputs let through. A comma would end the key in the header.
fn keys(access_key: &str, secret_key: &str) -> Option<FixedCredentials> {
    let (access_key, secret_key) = (access_key.trim(), secret_key.trim());
    let is_key = access_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_good = is_key && secret_problem(secret_key, false).is_none();
    if access_key.is_empty() || secret_key.is_empty() || !is_good {
        return None;
    }
    Some(FixedCredentials(Arc::new(Credentials::AccessKey {
        access_key_id: Secret::new(access_key),
        secret_access_key: Secret::new(secret_key),
        security_token: None,
    })))
}

/// What the sandbox says to those that it knows of a project and of a pipeline that it does not know.
const SAID_TO_ACQUAINTANCES: [&str; 2] = ["DEVPIPE.00011412", "DEVPIPE.00011401"];

fn take(service: &Mutex<Service>, wire: &WireRequest) -> Answer {
    let headers = wire.headers.iter();
    let request = Request {
        method: wire.method.as_str().to_owned(),
        target: wire.target.clone(),
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), value.as_str().to_owned()))
            .chain([("Host".to_owned(), HOST.to_owned())])
            .collect(),
        body: wire.body.clone().into_bytes(),
        at_ms: START * 1000,
        ..Request::default()
    };
    let mut service = service.lock().unwrap();
    let plan = service.admit(&request);
    let reply = service.answer(&request, &plan, START * 1000);
    let Content::Text(body) = reply.body else {
        panic!("{:?} is no text", reply.body);
    };
    json_answer(reply.status, body)
}

/// What stands in the request line is one word, and its parts decode to what was given.
fn check_target(target: &str, path: &str, value: &str) {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
    assert!(target.bytes().all(is_plain), "{target}");
    let (sent_path, query) = target.split_once('?').unwrap();
    assert_eq!(decoded(sent_path), path);
    let pairs: BTreeMap<_, _> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name, decoded(value)))
        .collect();
    assert_eq!(pairs["pipeline_run_id"], value);
    assert_eq!(pairs.len(), 2);
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_owned();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
