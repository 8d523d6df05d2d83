use std::sync::Mutex;

use super::*;
use crate::client::{Answer, CallFailure, RetryPolicy, WireRequest};
use crate::clock::SystemClock;
use crate::credentials::{Credentials, Session};
use crate::env::Env;
use crate::secret::{Redactor, Secret, SecretKeeper};

/// Notes where a way is opened to.
#[derive(Default)]
struct Noted(Mutex<Vec<String>>);

impl Noted {
    fn note(&self, text: String) -> Box<dyn Transport> {
        self.0.lock().unwrap().push(text);
        Box::new(Nowhere)
    }
}

impl Connect for Noted {
    fn to(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(self.note(endpoint.base().to_owned()))
    }

    fn on_link(
        &self,
        endpoint: &Endpoint,
        timeout: Duration,
    ) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(self.note(format!("{} within {timeout:?}", endpoint.base())))
    }
}

struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _request: &WireRequest) -> Result<Answer, CallFailure> {
        unreachable!("nothing is sent while a step is prepared")
    }
}

impl SecretKeeper for Nowhere {
    fn learn(&self, _secrets: &[Secret]) {}

    fn forget(&self, _secrets: &[Secret]) {}
}

fn inputs(variables: &[(&str, &str)]) -> Inputs {
    let id = "0123456789abcdef0123456789abcdef";
    let fixed = [
        ("INPUT_PROJECT_ID", id),
        ("INPUT_PIPELINE_ID", id),
        ("INPUT_PIPELINE_RUN_ID", id),
    ];
    let pairs = fixed.iter().chain(variables).copied();
    crate::inputs::read(&Env::from_pairs(pairs)).inputs.unwrap()
}

fn password() -> Origin {
    Origin::Password {
        domain_name: "d".to_owned(),
        user_name: "u".to_owned(),
        password: Secret::new("p"),
        project_name: None,
    }
}

fn agency(id_token: IdTokenOrigin) -> Origin {
    Origin::AssumedAgency {
        provider_urn: "p".to_owned(),
        agency_urn: "a".to_owned(),
        id_token,
        session: Session::default(),
    }
}

fn given() -> IdTokenOrigin {
    IdTokenOrigin::Given(Secret::new("t"))
}

fn from_github(request_url: &str) -> IdTokenOrigin {
    IdTokenOrigin::GitHub {
        request_url: request_url.to_owned(),
        request_token: Secret::new("t"),
        audience: None,
    }
}

/// The hosts that a way is opened to, or what is wrong.
fn hosts(origin: Origin, variables: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
    let noted = Noted::default();
    let setting = Setting {
        clock: Arc::new(SystemClock::new()),
        random: &|| 0.0,
        redactor: Redactor::default(),
        keeper: Arc::new(Nowhere),
        policy: RetryPolicy {
            max_attempts: 1,
            backoff: Duration::ZERO,
            max_backoff: Duration::ZERO,
            deadline: Duration::MAX,
        },
    };
    let metadata = Endpoint::metadata();
    match provider(origin, &inputs(variables), &noted, &metadata, setting) {
        Ok(_) => Ok(noted.0.into_inner().unwrap()),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
    }
}

const REGION: [(&str, &str); 1] = [("INPUT_REGION", "ap-southeast-3")];
const NO_REGION: [(&str, &str); 1] = [("INPUT_ENDPOINT", "https://gateway.example")];

#[test]
fn a_token_service_is_the_regions_unless_its_endpoint_is_given() {
    let iam = "https://iam.ap-southeast-3.myhuaweicloud.com";
    let sts = "https://sts.ap-southeast-3.myhuaweicloud.com";
    let own = [
        REGION[0],
        ("INPUT_IAM_ENDPOINT", "https://iam.example"),
        ("INPUT_STS_ENDPOINT", "https://sts.example"),
    ];
    let github = || from_github("https://github.example/x?y");
    for (origin, variables, expected) in [
        (password(), &REGION[..], vec![iam]),
        (agency(given()), &REGION, vec![sts]),
        (
            agency(github()),
            &REGION,
            vec![sts, "https://github.example"],
        ),
        (password(), &own, vec!["https://iam.example"]),
        (agency(given()), &own, vec!["https://sts.example"]),
    ] {
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(hosts(origin, variables), Ok(expected));
    }
}

#[test]
fn fixed_credentials_need_no_host_and_metadata_no_region() {
    let token = Origin::Given(Credentials::Token(Secret::new("t")));
    assert_eq!(hosts(token, &NO_REGION), Ok(Vec::new()));
    let expected = vec!["http://169.254.169.254 within 3s".to_owned()];
    assert_eq!(hosts(Origin::Metadata, &NO_REGION), Ok(expected));
}

#[test]
fn without_a_region_all_that_is_missing_is_named_together() {
    let problems = hosts(password(), &NO_REGION).unwrap_err();
    let [scope, iam] = &problems[..] else {
        panic!("two problems: {problems:?}");
    };
    assert!(scope.starts_with("`iam_project_id` is required"), "{scope}");
    assert!(iam.starts_with("`iam_endpoint` is required"), "{iam}");
    let problems = hosts(agency(from_github("http://github.example/x")), &NO_REGION).unwrap_err();
    let [sts, github] = &problems[..] else {
        panic!("two problems: {problems:?}");
    };
    assert!(sts.starts_with("`sts_endpoint` is required"), "{sts}");
    assert!(
        github.starts_with("ACTIONS_ID_TOKEN_REQUEST_URL must start with https://"),
        "{github}"
    );
}

#[test]
fn europe_needs_the_endpoint_of_sts() {
    let problems = hosts(agency(given()), &[("INPUT_REGION", "eu-west-101")]).unwrap_err();
    assert!(
        problems[0].starts_with("`sts_endpoint` is required"),
        "{problems:?}"
    );
}

#[test]
fn what_is_secret_in_a_region_of_another_cloud_is_not_sent_to_this_one() {
    let elsewhere = [NO_REGION[0], ("INPUT_REGION", "private-cloud-1")];
    let problems = hosts(password(), &elsewhere).unwrap_err();
    assert!(
        problems[0].starts_with("`iam_endpoint` is required"),
        "{problems:?}"
    );
    let problems = hosts(agency(given()), &elsewhere).unwrap_err();
    assert!(
        problems[0].starts_with("`sts_endpoint` is required"),
        "{problems:?}"
    );
    let own = [
        elsewhere[0],
        elsewhere[1],
        ("INPUT_IAM_ENDPOINT", "https://iam.private.example"),
    ];
    let expected = vec!["https://iam.private.example".to_owned()];
    assert_eq!(hosts(password(), &own), Ok(expected));
}
