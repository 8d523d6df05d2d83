//! Credentials that a token service issues: each source to a retried run, and every way in which it can fail.

use codearts_sandbox::{
    ACCESS_KEY_ID, Endpoint, Fault, Identities, Metadata, Proxy, RUN_ID, SECRET_ACCESS_KEY,
    Sandbox, TOKEN, TokenServices, What,
};

use crate::support::{Ended, Step};

/// Where the credentials come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Password,
    AssumedAgency,
    ExchangedIdToken,
    EcsHost,
}

use Source::{AssumedAgency, EcsHost, ExchangedIdToken, Password};

const SOURCES: [Source; 4] = [Password, AssumedAgency, ExchangedIdToken, EcsHost];

impl Source {
    /// The call that issues them.
    fn call(self) -> Endpoint {
        match self {
            Password => Endpoint::PasswordToken,
            AssumedAgency => Endpoint::AssumeWithOidc,
            ExchangedIdToken => Endpoint::IdTokenExchange,
            EcsHost => Endpoint::MetadataKey,
        }
    }

    /// A step whose inputs name this source alone.
    fn step(self, sandbox: &Sandbox) -> Step {
        let known = TokenServices::default();
        match self {
            Password => bare(sandbox)
                .input("iam_domain_name", &known.domain_name)
                .input("iam_user_name", &known.user_name)
                .input("iam_password", &known.password),
            AssumedAgency => on_github(sandbox)
                .input("oidc_provider_urn", &known.provider_urn)
                .input("oidc_agency_urn", &known.agency_urn),
            ExchangedIdToken => on_github(sandbox).input("oidc_idp_id", &known.idp_id),
            EcsHost => bare(sandbox)
                .input("ecs_metadata", "true")
                .on_ecs_host(&sandbox.url()),
        }
    }
}

/// A sandbox that knows nobody but those to whom it issues something.
fn sandbox() -> Sandbox {
    Sandbox::builder().identities(Identities::none()).start()
}

/// A step without credentials, whose token services are the sandbox.
fn bare(sandbox: &Sandbox) -> Step {
    Step::new(sandbox)
        .without("INPUT_AUTH_TOKEN")
        .input("region", "cn-north-4")
        .input("iam_endpoint", &sandbox.url())
        .input("sts_endpoint", &sandbox.url())
}

/// The same in a job that may ask GitHub for ID tokens.
fn on_github(sandbox: &Sandbox) -> Step {
    let known = TokenServices::default();
    let url = format!("{}/github/idtoken?api-version=2.0", sandbox.url());
    bare(sandbox)
        .variable("ACTIONS_ID_TOKEN_REQUEST_URL", &url)
        .variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &known.request_token)
        .input("oidc_audience", &known.trust.audience)
}

/// An ID token that the sandbox trusts, for systems other than GitHub.
fn id_token(sandbox: &Sandbox, seconds_left: i64) -> String {
    let now = i64::try_from(sandbox.clock().now_ms()).unwrap();
    let end = u64::try_from(now + seconds_left * 1000).unwrap();
    TokenServices::default().trust.sign(end)
}

/// The ID tokens in what was sent.
fn id_tokens(sandbox: &Sandbox) -> Vec<String> {
    let bodies = sandbox.requests();
    bodies
        .iter()
        .filter_map(|request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let (_, token) = body.split_once("\"eyJ")?;
            Some(format!("eyJ{}", token.split('"').next()?))
        })
        .collect()
}

/// The step ended so, and none of the secrets that it was given or got shows.
#[track_caller]
fn check<'a>(ended: &'a Ended, sandbox: &Sandbox, code: i32, outcome: &str) -> &'a Ended {
    ended.assert(code, outcome);
    let known = TokenServices::default();
    let mut issued = id_tokens(sandbox);
    sandbox.identities(|identities| issued.extend(identities.secrets()));
    // The metadata service's own tokens, and the token that GitHub is asked with.
    for request in sandbox.requests() {
        issued.extend(request.header("X-Metadata-Token").map(str::to_owned));
        let bearer = request.header("Authorization").unwrap_or_default();
        issued.extend(bearer.strip_prefix("Bearer ").map(str::to_owned));
    }
    for secret in &issued {
        let mask = format!("::add-mask::{secret}\n");
        assert!(
            ended.stdout.contains(&mask),
            "{secret} is not masked in {}",
            ended.stdout
        );
    }
    issued.extend([known.password, known.request_token]);
    let secrets: Vec<_> = issued.iter().map(String::as_str).collect();
    ended.assert_hides(&secrets);
    ended
}

/// The step ended so before the retry was sent, and says why.
#[track_caller]
fn check_not_sent(ended: &Ended, sandbox: &Sandbox, code: i32, outcome: &str, words: &str) {
    check(ended, sandbox, code, outcome)
        .assert_output("retried", "false")
        .assert_output("attempts", "0");
    assert_eq!(sandbox.counters().retries_received, 0);
    let message = format!("{} {}", ended.output("error_message"), ended.stdout);
    for words in [words, "no retry was sent"] {
        assert!(message.contains(words), "{words} in {message}");
    }
}

#[test]
fn each_source_leads_to_a_retried_run() {
    for source in SOURCES {
        let sandbox = sandbox();
        let ended = source.step(&sandbox).run();
        check(&ended, &sandbox, 0, "accepted")
            .assert_output("attempts", "1")
            .assert_output("retried", "true")
            .assert_output("pipeline_run_id", RUN_ID);
        let counters = sandbox.counters();
        assert_eq!(counters.retry_effects, 1, "{source:?}");
        assert_eq!(counters.of(source.call()), 1, "{source:?}");
        assert_eq!(counters.refused_credentials, 0, "{source:?}");
    }
}

#[test]
fn the_log_names_the_source_and_never_a_value() {
    for (source, inputs) in [
        (
            Password,
            "inputs iam_domain_name, iam_user_name, iam_password",
        ),
        (AssumedAgency, "inputs oidc_provider_urn, oidc_agency_urn"),
        (ExchangedIdToken, "inputs oidc_idp_id"),
        (EcsHost, "inputs ecs_metadata"),
    ] {
        let sandbox = sandbox();
        let ended = source.step(&sandbox).run();
        let line = format!("credentials: {inputs}\n");
        assert!(ended.stdout.contains(&line), "{line} in {}", ended.stdout);
    }
}

#[test]
fn a_transient_failure_of_each_service_is_outlasted() {
    let calls = SOURCES.map(|source| (source, source.call()));
    let github = [AssumedAgency, ExchangedIdToken].map(|s| (s, Endpoint::GitHubIdToken));
    for (source, call) in calls.into_iter().chain(github) {
        for what in [
            What::status(503),
            What::status(502),
            What::throttled("0"),
            What::html(200),
            What::CutBody {
                effect: false,
                reset: true,
            },
        ] {
            let sandbox = sandbox();
            let name = format!("{source:?} {what:?}");
            sandbox.fault(Fault::new(call, what).times(2));
            let ended = source.step(&sandbox).run();
            check(&ended, &sandbox, 0, "accepted").assert_output("attempts", "1");
            assert_eq!(sandbox.counters().of(call), 3, "{name}");
        }
    }
}

#[test]
fn each_failure_of_each_service_has_its_outcome_and_nothing_is_sent() {
    let calls = SOURCES.map(|source| (source, source.call()));
    let github = [(AssumedAgency, Endpoint::GitHubIdToken)];
    for (source, call) in calls.into_iter().chain(github) {
        for (what, code, outcome, requests) in [
            (What::status(400), 9, "refused", 1),
            (What::status(403), 4, "forbidden", 1),
            (What::status(404), 5, "not-found", 1),
            (What::status(500), 6, "unavailable", 3),
            (
                What::redirect(302, "https://elsewhere.example/"),
                9,
                "refused",
                1,
            ),
            (What::html(200), 9, "refused", 3),
            (What::answer(200, &[], "{}"), 9, "refused", 1),
            (What::body_of(100 * 1024 * 1024), 9, "refused", 1),
            (What::throttled("700"), 6, "unavailable", 1),
            (What::Hang { effect: false }, 6, "unavailable", 3),
        ] {
            let sandbox = sandbox();
            let name = format!("{source:?} {what:?}");
            sandbox.fault(Fault::new(call, what).forever());
            let step = source.step(&sandbox).input("request_timeout", "200ms");
            let is_slow = name.contains("Hang") && source == EcsHost;
            if is_slow {
                // Its time-out is fixed.
                continue;
            }
            let ended = step.input("max_attempts", "3").run();
            check_not_sent(&ended, &sandbox, code, outcome, "no credentials from");
            assert_eq!(sandbox.counters().of(call), requests, "{name}");
        }
    }
}

#[test]
fn a_401_of_a_token_service_is_unauthorized_and_not_repeated() {
    for source in [Password, AssumedAgency, ExchangedIdToken] {
        let sandbox = sandbox();
        sandbox.fault(Fault::new(source.call(), What::status(401)).forever());
        let ended = source.step(&sandbox).run();
        check_not_sent(&ended, &sandbox, 3, "unauthorized", "127.0.0.1");
        assert_eq!(sandbox.counters().of(source.call()), 1, "{source:?}");
    }
}

#[test]
fn a_wrong_password_or_project_is_explained() {
    let wrong = sandbox();
    let ended = Password
        .step(&wrong)
        .input("iam_password", "hush-not-the-password")
        .run();
    check_not_sent(&ended, &wrong, 3, "unauthorized", "iam_user_name");
    ended.assert_hides(&["hush-not-the-password"]);
    let absent = sandbox();
    let ended = Password
        .step(&absent)
        .input("iam_project_name", "elsewhere")
        .run();
    check_not_sent(&ended, &absent, 9, "refused", "iam_project_name");
}

#[test]
fn the_scope_is_the_named_project_else_the_id_else_the_regions_own() {
    let known = TokenServices::default();
    for (name, id, region) in [
        (Some("cn-north-4"), Some("other"), "cn-north-1"),
        (None, Some(known.project_id.as_str()), "cn-north-1"),
        (None, None, "cn-north-4"),
    ] {
        let sandbox = sandbox();
        let mut step = Password.step(&sandbox).input("region", region);
        if let Some(name) = name {
            step = step.input("iam_project_name", name);
        }
        if let Some(id) = id {
            step = step.input("iam_project_id", id);
        }
        check(&step.run(), &sandbox, 0, "accepted");
    }
}

#[test]
fn a_token_for_no_project_is_refused_before_it_is_used() {
    for source in [Password, ExchangedIdToken] {
        let sandbox = sandbox();
        sandbox.configure(|config| config.tokens.unscoped = true);
        let ended = source.step(&sandbox).run();
        check_not_sent(&ended, &sandbox, 9, "refused", "not for an IAM project");
    }
}

#[test]
fn an_id_token_for_another_audience_names_the_input() {
    for (source, code, outcome) in [
        (AssumedAgency, 4, "forbidden"),
        (ExchangedIdToken, 3, "unauthorized"),
    ] {
        for audience in [Some("https://other.example"), None] {
            let sandbox = sandbox();
            let step = source.step(&sandbox).without("INPUT_OIDC_AUDIENCE");
            let step = match audience {
                Some(audience) => step.input("oidc_audience", audience),
                None => step,
            };
            check_not_sent(&step.run(), &sandbox, code, outcome, "oidc_audience");
        }
    }
}

#[test]
fn an_id_token_that_has_ended_is_not_taken() {
    for source in [AssumedAgency, ExchangedIdToken] {
        let sandbox = sandbox();
        let token = id_token(&sandbox, -1);
        let ended = source.step(&sandbox).input("oidc_id_token", &token).run();
        check_not_sent(&ended, &sandbox, 3, "unauthorized", "lasts for minutes");
    }
}

#[test]
fn a_provider_or_an_agency_that_is_not_there_is_named_by_its_input() {
    for (source, input, code, outcome) in [
        (AssumedAgency, "oidc_provider_urn", 5, "not-found"),
        (AssumedAgency, "oidc_agency_urn", 4, "forbidden"),
        (ExchangedIdToken, "oidc_idp_id", 5, "not-found"),
    ] {
        let sandbox = sandbox();
        let ended = source.step(&sandbox).input(input, "other").run();
        check_not_sent(&ended, &sandbox, code, outcome, input);
    }
}

#[test]
fn an_id_token_of_another_ci_system_is_taken_as_it_is_or_from_its_file() {
    for source in [AssumedAgency, ExchangedIdToken] {
        let sandbox = sandbox();
        let token = id_token(&sandbox, 300);
        let step = || {
            source
                .step(&sandbox)
                .without("ACTIONS_ID_TOKEN_REQUEST_URL")
        };
        let ended = step().input("oidc_id_token", &token).run();
        check(&ended, &sandbox, 0, "accepted");
        let sandbox = self::sandbox();
        let step = source
            .step(&sandbox)
            .without("ACTIONS_ID_TOKEN_REQUEST_URL");
        let file = step.path("id-token");
        std::fs::write(&file, format!("{token}\n")).unwrap();
        let ended = step
            .input("oidc_id_token_file", file.to_str().unwrap())
            .run();
        check(&ended, &sandbox, 0, "accepted");
        assert_eq!(sandbox.counters().of(Endpoint::GitHubIdToken), 0);
    }
}

#[test]
fn an_id_token_file_that_cannot_be_read_is_reported_with_what_else_is_missing() {
    let sandbox = sandbox();
    let ended = Step::new(&sandbox)
        .without("INPUT_AUTH_TOKEN")
        .input("oidc_idp_id", "i")
        .input("oidc_id_token_file", "absent")
        .run();
    ended.assert(2, "invalid-input");
    for words in [
        "`oidc_id_token_file` names the file absent, which cannot be read",
        "`iam_endpoint` is required",
        "`iam_project_id` is required",
    ] {
        assert!(ended.stdout.contains(words), "{words} in {}", ended.stdout);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_job_without_the_permission_is_told_how_to_get_it() {
    for source in [AssumedAgency, ExchangedIdToken] {
        for variable in [
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ] {
            let sandbox = sandbox();
            let ended = source.step(&sandbox).without(variable).run();
            ended.assert(2, "invalid-input");
            assert!(ended.stdout.contains("permissions: id-token: write"));
            assert!(sandbox.requests().is_empty());
        }
    }
    let sandbox = sandbox();
    let ended = AssumedAgency
        .step(&sandbox)
        .variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "another-job")
        .run();
    check_not_sent(&ended, &sandbox, 3, "unauthorized", "id-token: write");
}

#[test]
fn the_variables_of_the_sdk_and_the_profile_file_lead_there_too() {
    let known = TokenServices::default();
    let with_file = |sandbox: &Sandbox, variable: &str| {
        let step = bare(sandbox);
        let file = step.path("id-token");
        std::fs::write(&file, id_token(sandbox, 300)).unwrap();
        step.variable(variable, file.to_str().unwrap())
    };
    let exchange = sandbox();
    let ended = with_file(&exchange, "HUAWEICLOUD_SDK_ID_TOKEN_FILE")
        .variable("HUAWEICLOUD_SDK_IDP_ID", &known.idp_id)
        .run();
    check(&ended, &exchange, 0, "accepted");
    let agency = sandbox();
    let ended = with_file(&agency, "HUAWEICLOUD_OIDC_TOKEN_FILE")
        .variable("HUAWEICLOUD_OIDC_PROVIDER_URN", &known.provider_urn)
        .variable("HUAWEICLOUD_OIDC_AGENCY_URN", &known.agency_urn)
        .variable("HUAWEICLOUD_OIDC_DURATION_SECONDS", "900")
        .variable("HUAWEICLOUD_OIDC_SESSION_NAME", "me")
        .variable("HUAWEICLOUD_OIDC_POLICY", "{}")
        .variable("HUAWEICLOUD_OIDC_POLICY_IDS", "x,y")
        .run();
    check(&ended, &agency, 0, "accepted");
    let body = String::from_utf8_lossy(&agency.requests()[0].body).into_owned();
    for part in [
        r#""duration_seconds":900"#,
        r#""agency_session_name":"me""#,
        r#""policy":"{}""#,
        r#""policy_ids":["x","y"]"#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let profile = sandbox();
    let step = with_file(&profile, "UNUSED");
    let file = step.path("credentials");
    let token_file = step.path("id-token");
    let text = format!(
        "[basic]\nidp_id = {}\nid_token_file = {}\n",
        known.idp_id,
        token_file.to_str().unwrap()
    );
    std::fs::write(&file, text).unwrap();
    let ended = step
        .variable("HUAWEICLOUD_SDK_CREDENTIALS_FILE", file.to_str().unwrap())
        .run();
    check(&ended, &profile, 0, "accepted");
}

#[test]
fn an_older_ecs_host_has_no_token_and_one_without_agency_says_so() {
    let older = sandbox();
    older.configure(|config| config.tokens.metadata = Metadata::KeysWithoutToken);
    check(&EcsHost.step(&older).run(), &older, 0, "accepted");
    let bare = sandbox();
    bare.configure(|config| config.tokens.metadata = Metadata::NoAgency);
    let ended = EcsHost.step(&bare).run();
    check_not_sent(&ended, &bare, 3, "unauthorized", "Configure an agency");
    assert_eq!(bare.counters().of(Endpoint::MetadataKey), 1);
}

#[test]
fn a_token_of_the_metadata_service_that_is_refused_is_replaced_once() {
    for (times, code, outcome) in [(1, 0, "accepted"), (2, 3, "unauthorized")] {
        let sandbox = sandbox();
        sandbox.fault(Fault::new(Endpoint::MetadataKey, What::status(401)).times(times));
        let ended = EcsHost.step(&sandbox).run();
        check(&ended, &sandbox, code, outcome);
        assert_eq!(sandbox.counters().of(Endpoint::MetadataToken), 2);
        assert_eq!(sandbox.counters().of(Endpoint::MetadataKey), 2);
    }
}

#[test]
fn a_host_without_metadata_service_is_unavailable_and_told_why() {
    let sandbox = sandbox();
    let ended = bare(&sandbox)
        .input("ecs_metadata", "true")
        .on_ecs_host("http://127.0.0.1:9")
        .run();
    check_not_sent(&ended, &sandbox, 6, "unavailable", "`ecs_metadata`");
}

#[test]
fn a_401_renews_issued_credentials_exactly_once() {
    for source in SOURCES {
        for (times, code, outcome) in [(1, 0, "accepted"), (9, 3, "unauthorized")] {
            let sandbox = sandbox();
            let refusal = What::error(401, "APIGW.0301", "decrypt token fail");
            sandbox.fault(Fault::new(Endpoint::Retry, refusal).times(times));
            let ended = source.step(&sandbox).run();
            check(&ended, &sandbox, code, outcome).assert_output("attempts", "1");
            let counters = sandbox.counters();
            assert_eq!(counters.retries_received, 2, "{source:?}");
            assert_eq!(counters.of(source.call()), 2, "{source:?}");
        }
    }
}

#[test]
fn a_401_of_fixed_credentials_stands_after_exactly_one_request() {
    for keys in [false, true] {
        let sandbox = Sandbox::start();
        sandbox.fault(Fault::new(Endpoint::Any, What::status(401)).forever());
        let step = if keys {
            bare(&sandbox)
                .input("access_key_id", ACCESS_KEY_ID)
                .input("secret_access_key", SECRET_ACCESS_KEY)
        } else {
            bare(&sandbox).input("auth_token", TOKEN)
        };
        step.run()
            .assert(3, "unauthorized")
            .assert_hides(&[SECRET_ACCESS_KEY]);
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[test]
fn one_call_renews_once_however_many_attempts_it_has() {
    let sandbox = sandbox();
    let refusal = || What::error(401, "APIGW.0301", "decrypt token fail");
    // 401, renewed, 429, sent again, 401.
    sandbox.fault(Fault::new(Endpoint::Retry, refusal()));
    sandbox.fault(Fault::new(Endpoint::Retry, What::throttled("0")));
    sandbox.fault(Fault::new(Endpoint::Retry, refusal()));
    let ended = Password.step(&sandbox).run();
    check(&ended, &sandbox, 3, "unauthorized").assert_output("attempts", "2");
    assert_eq!(sandbox.counters().retries_received, 3);
    assert_eq!(sandbox.counters().of(Endpoint::PasswordToken), 2);
}

#[test]
fn a_renewal_that_fails_after_a_401_says_so_and_the_retry_is_not_repeated() {
    for source in SOURCES {
        let sandbox = sandbox();
        sandbox.fault(Fault::new(Endpoint::Retry, What::status(401)));
        sandbox.fault(
            Fault::new(source.call(), What::status(403))
                .skip(1)
                .forever(),
        );
        let ended = source.step(&sandbox).run();
        check(&ended, &sandbox, 4, "forbidden").assert_output("retried", "false");
        assert!(
            ended
                .output("error_message")
                .contains("does not accept the credentials; no credentials from"),
            "{}",
            ended.stdout
        );
        assert_eq!(sandbox.counters().retries_received, 1, "{source:?}");
    }
}

#[test]
fn token_services_are_reached_over_https_and_through_the_proxy() {
    let sandbox = sandbox();
    let proxy = Proxy::start();
    let url = sandbox.https_url();
    let step = AssumedAgency.step(&sandbox);
    let ca = step.path("ca.pem");
    std::fs::write(&ca, sandbox.ca_pem()).unwrap();
    let ended = step
        .input("sts_endpoint", &url)
        .variable(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            &format!("{url}/github/idtoken?api-version=2.0"),
        )
        .variable("SSL_CERT_FILE", ca.to_str().unwrap())
        .variable("HTTPS_PROXY", &proxy.url())
        .run();
    check(&ended, &sandbox, 0, "accepted");
    let over_tls = sandbox.requests().iter().filter(|r| r.tls).count();
    assert_eq!(over_tls, 2);
    assert_eq!(proxy.connects().len(), 2);
}

#[test]
fn an_answer_that_is_not_understood_is_not_quoted_where_it_may_hold_what_was_issued() {
    let token = "eyJhbGciOiJub25lIn0.issued-but-not-understood";
    let calls = SOURCES.map(|source| (source, source.call()));
    let github = [(AssumedAgency, Endpoint::GitHubIdToken)];
    for (source, call) in calls.into_iter().chain(github) {
        for body in [
            token.to_owned(),
            format!("\"{token}\""),
            format!(r#"[{{"value": "{token}"}}]"#),
            format!(r#"{{"value": "{token}"}}}}"#),
        ] {
            let sandbox = sandbox();
            sandbox.fault(Fault::new(call, What::answer(200, &[], &body)).forever());
            let ended = source.step(&sandbox).input("max_attempts", "1").run();
            check_not_sent(&ended, &sandbox, 9, "refused", "not a JSON object");
            ended.assert_hides(&[token]);
        }
    }
}

#[test]
fn a_401_brings_one_renewal_also_where_that_fails_at_first() {
    for source in SOURCES {
        let sandbox = sandbox();
        let refusal = What::error(401, "APIGW.0301", "decrypt token fail");
        sandbox.fault(Fault::new(Endpoint::Retry, refusal).forever());
        sandbox.fault(Fault::new(source.call(), What::status(503)).skip(1));
        let ended = source.step(&sandbox).run();
        check(&ended, &sandbox, 3, "unauthorized");
        assert_eq!(sandbox.counters().retries_received, 2, "{source:?}");
        // The first ones, the renewal that failed, and the one that did not.
        assert_eq!(sandbox.counters().of(source.call()), 3, "{source:?}");
    }
}

#[test]
fn an_issued_secret_that_no_header_can_carry_is_the_services_fault() {
    for part in ["access_key_id", "security_token"] {
        let sandbox = sandbox();
        let mut key = serde_json::json!({
            "access_key_id": "issued-access-key",
            "secret_access_key": "issued-secret-key",
            "security_token": "issued-security-token",
        });
        key[part] = "issued-in\ntwo-lines".into();
        let answer = serde_json::json!({"credentials": key}).to_string();
        sandbox
            .fault(Fault::new(Endpoint::AssumeWithOidc, What::answer(201, &[], &answer)).forever());
        let ended = AssumedAgency.step(&sandbox).run();
        check_not_sent(&ended, &sandbox, 9, "refused", "no credentials from STS");
        ended.assert_hides(&["issued-secret-key", "issued-in", "two-lines"]);
    }
}

#[test]
fn a_pause_that_a_token_service_asks_for_and_that_does_not_fit_is_named() {
    let sandbox = sandbox();
    sandbox.fault(Fault::new(Endpoint::PasswordToken, What::throttled("700")).forever());
    let ended = Password.step(&sandbox).run();
    check_not_sent(&ended, &sandbox, 6, "unavailable", "700");
}

#[test]
fn the_metadata_service_of_another_cloud_is_told_apart_from_a_missing_agency() {
    let sandbox = sandbox();
    sandbox.fault(Fault::new(Endpoint::MetadataToken, What::html(405)));
    sandbox.fault(Fault::new(Endpoint::MetadataKey, What::html(404)));
    let ended = EcsHost.step(&sandbox).run();
    check_not_sent(
        &ended,
        &sandbox,
        5,
        "not-found",
        "does not run on an ECS host",
    );
}

#[test]
fn what_was_issued_does_not_show_where_the_service_sends_it_back() {
    for source in SOURCES {
        let sandbox = sandbox();
        let mut echo = mockito::Server::new();
        let _any = echo
            .mock("PUT", mockito::Matcher::Any)
            .with_status(400)
            .with_body_from_request(|request| {
                let header = |name: &str| {
                    let values = request.header(name);
                    values
                        .iter()
                        .filter_map(|value| value.to_str().ok())
                        .collect::<String>()
                };
                let sent = ["X-Auth-Token", "X-Security-Token", "Authorization"].map(header);
                assert!(sent.iter().any(|value| !value.is_empty()));
                serde_json::json!({"error_code": "X.1", "error_msg": sent.join("|")})
                    .to_string()
                    .into_bytes()
            })
            .create();
        let ended = source.step(&sandbox).input("endpoint", &echo.url()).run();
        check(&ended, &sandbox, 9, "refused");
        let message = ended.output("error_message");
        assert!(message.contains("***"), "{source:?}: {message}");
    }
}
