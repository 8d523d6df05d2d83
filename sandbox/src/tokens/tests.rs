use super::*;
use crate::service::{Config, Service};

const NOW_MS: u64 = 1_735_787_045_000;

fn service() -> Service {
    Service::new(Config::default(), Vec::new(), Identities::none(), NOW_MS)
}

fn post(target: &str, headers: &[(&str, &str)], body: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_string().into_bytes(),
        ..Request::default()
    }
}

fn password(config: &TokenServices, password: &str, project: &str) -> Request {
    let user = json!({"name": config.user_name, "password": password,
        "domain": {"name": config.domain_name}});
    let auth = json!({"identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": project}}});
    post(
        "/v3/auth/tokens?nocatalog=true",
        &[],
        &json!({"auth": auth}),
    )
}

fn assume(config: &TokenServices, id_token: &str) -> Request {
    let body = json!({"provider_urn": config.provider_urn, "agency_urn": config.agency_urn,
        "agency_session_name": "test", "id_token": id_token});
    post("/v5/agencies/assume-with-oidc", &[], &body)
}

#[test]
fn a_token_for_a_password_is_good_until_it_ends() {
    let mut service = service();
    let config = TokenServices::default();
    let request = password(&config, &config.password, "cn-north-4");
    let reply = service.handle(&request, NOW_MS);
    assert_eq!(reply.status, 201);
    assert_eq!(
        reply.body_json()["token"]["expires_at"],
        "2025-01-03T03:04:05.000000Z"
    );
    let token = reply.header("X-Subject-Token").expect("a token").to_owned();
    let list = post(
        &format!(
            "/v5/{}/api/pipelines/{}/pipeline-runs/list",
            crate::PROJECT_ID,
            crate::PIPELINE_ID
        ),
        &[("X-Auth-Token", &token)],
        &json!({"offset": 0, "limit": 1}),
    );
    assert_eq!(service.handle(&list, NOW_MS).status, 200);
    let end = NOW_MS + config.token_ms;
    assert_eq!(service.handle(&list, end).status, 401);
}

#[test]
fn a_wrong_password_and_an_absent_project_are_refused() {
    let mut service = service();
    let config = TokenServices::default();
    for (request, status) in [
        (password(&config, "wrong", "cn-north-4"), 401),
        (password(&config, &config.password, "elsewhere"), 400),
    ] {
        let reply = service.handle(&request, NOW_MS);
        assert_eq!(reply.status, status);
        assert_eq!(reply.body_json()["error"]["code"], status);
    }
}

#[test]
fn an_agency_is_assumed_by_the_trusted_subject_only() {
    let mut service = service();
    let config = TokenServices::default();
    let trusted = config.trust.sign(NOW_MS + 1000);
    let reply = service.handle(&assume(&config, &trusted), NOW_MS);
    assert_eq!(reply.status, 201);
    assert_eq!(
        reply.body_json()["credentials"]["expiration"],
        "2025-01-02T04:04:05.000000Z"
    );
    assert_eq!(
        service
            .handle(&assume(&config, &trusted), NOW_MS + 1000)
            .status,
        401
    );
    let stranger = IdClaims {
        subject: "repo:OTHER@9/REPO@9:ref:refs/heads/main".to_owned(),
        ..config.trust.clone()
    };
    let reply = service.handle(&assume(&config, &stranger.sign(NOW_MS + 1000)), NOW_MS);
    assert_eq!(reply.status, 403);
}

#[test]
fn github_issues_the_audience_that_is_asked_for() {
    let mut service = service();
    let config = TokenServices::default();
    let request = Request {
        method: "GET".to_owned(),
        target:
            "/github/idtoken?api-version=2.0&audience=https%3A%2F%2Fsandbox.example%2Fa%20b%26c"
                .to_owned(),
        headers: vec![(
            "Authorization".to_owned(),
            format!("Bearer {}", config.request_token),
        )],
        ..Request::default()
    };
    let reply = service.handle(&request, NOW_MS);
    let body = reply.body_json();
    let token = body["value"].as_str().expect("a token");
    assert_eq!(config.trust.verify(token, NOW_MS), Ok(()));
    let stranger = Request {
        headers: Vec::new(),
        ..request
    };
    assert_eq!(service.handle(&stranger, NOW_MS).status, 401);
}

#[test]
fn metadata_keys_need_the_services_token_and_an_agency() {
    let mut service = service();
    let get = |headers: &[(&str, &str)]| Request {
        method: "GET".to_owned(),
        ..post("/openstack/latest/securitykey", headers, &Value::Null)
    };
    assert_eq!(service.handle(&get(&[]), NOW_MS).status, 401);
    let token = Request {
        method: "PUT".to_owned(),
        ..post(
            "/meta-data/latest/api/token",
            &[("X-Metadata-Token-Ttl-Seconds", "21600")],
            &Value::Null,
        )
    };
    let reply = service.handle(&token, NOW_MS);
    let crate::Content::Text(text) = reply.body else {
        panic!("a text: {reply:?}");
    };
    let with_token = get(&[("X-Metadata-Token", &text)]);
    assert_eq!(service.handle(&with_token, NOW_MS).status, 200);
    service.config().tokens.metadata = Metadata::NoAgency;
    assert_eq!(service.handle(&with_token, NOW_MS).status, 401);
}
