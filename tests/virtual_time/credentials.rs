//! Credentials that end while the run is waited for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use codearts_retry::client::{
    Answer, CallFailure, Connect, CredentialProvider, FinalKind, InvalidProxy, RetryPolicy,
    Transport, Verdict, WireRequest,
};
use codearts_retry::clock::Clock;
use codearts_retry::credentials;
use codearts_retry::endpoint::Endpoint;
use codearts_retry::env::Env;
use codearts_retry::identity::{self, Setting};
use codearts_retry::inputs;
use codearts_retry::pipeline::Ending;
use codearts_retry::secret::{Redactor, Secret, SecretKeeper};
use codearts_sandbox::{
    Config, Endpoint as Call, Fault, Job, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER, Run, Stage,
    Step, TokenServices, What,
};

use crate::support::World;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const QUARTER_HOUR_MS: u64 = 15 * 60 * 1000;

/// Secrets as a console would keep them, and how many there ever were at once.
#[derive(Default)]
struct Kept {
    now: Mutex<Vec<Secret>>,
    most: Mutex<usize>,
}

impl SecretKeeper for Kept {
    fn learn(&self, secrets: &[Secret]) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if !now.contains(secret) {
                now.push(secret.clone());
            }
        }
        let mut most = self.most.lock().unwrap_or_else(PoisonError::into_inner);
        *most = now.len().max(*most);
    }

    fn forget(&self, secrets: &[Secret]) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.retain(|secret| !secrets.contains(secret));
    }
}

/// Every endpoint is the one world.
struct Everywhere(World);

impl Connect for Everywhere {
    fn to(&self, _: &Endpoint) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(Box::new(self.0.clone()))
    }

    fn on_link(&self, _: &Endpoint, _: Duration) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(Box::new(self.0.clone()))
    }
}

/// What the step gets its credentials from, and which call of the sandbox issues them.
struct Way {
    inputs: Vec<(&'static str, String)>,
    issued_by: Call,
    /// How many secrets one renewal brings.
    secrets: usize,
}

fn ways() -> [Way; 4] {
    let sandbox = TokenServices::default();
    let github = [
        (
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "https://github.example/github/idtoken?api-version=2.0".to_owned(),
        ),
        (
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            sandbox.request_token.clone(),
        ),
        ("INPUT_OIDC_AUDIENCE", sandbox.trust.audience.clone()),
    ];
    [
        Way {
            inputs: vec![
                ("INPUT_IAM_DOMAIN_NAME", sandbox.domain_name),
                ("INPUT_IAM_USER_NAME", sandbox.user_name),
                ("INPUT_IAM_PASSWORD", sandbox.password),
            ],
            issued_by: Call::PasswordToken,
            secrets: 1,
        },
        Way {
            inputs: [
                ("INPUT_OIDC_PROVIDER_URN", sandbox.provider_urn),
                ("INPUT_OIDC_AGENCY_URN", sandbox.agency_urn),
            ]
            .into_iter()
            .chain(github.clone())
            .collect(),
            issued_by: Call::AssumeWithOidc,
            secrets: 4,
        },
        Way {
            inputs: std::iter::once(("INPUT_OIDC_IDP_ID", sandbox.idp_id))
                .chain(github)
                .collect(),
            issued_by: Call::IdTokenExchange,
            secrets: 2,
        },
        Way {
            inputs: vec![("INPUT_ECS_METADATA", "true".to_owned())],
            issued_by: Call::MetadataKey,
            secrets: 4,
        },
    ]
}

/// A world whose run takes a day, and whose credentials last a quarter of an hour.
fn world(lasts: Duration) -> World {
    let job = Job::new("soak")
        .lasts_ms(lasts.as_secs() * 1000)
        .failure("it broke")
        .step(Step::new("soak", "official_shell_plugin"));
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)]);
    let mut config = Config::default();
    config.tokens.token_ms = QUARTER_HOUR_MS;
    config.tokens.key_ms = QUARTER_HOUR_MS;
    World::with(config, vec![run])
}

/// The provider that the program itself would make of these variables.
fn provider(world: &World, way: &Way, kept: &Arc<Kept>) -> Box<dyn CredentialProvider> {
    provider_on(
        &Everywhere(world.clone()),
        Arc::new(world.clone()),
        DAY + DAY,
        way,
        kept,
    )
}

/// The same in a step that ends at this time.
fn provider_until(deadline: Duration, world: &World, way: &Way) -> Box<dyn CredentialProvider> {
    let network = Everywhere(world.clone());
    provider_on(
        &network,
        Arc::new(world.clone()),
        deadline,
        way,
        &Arc::default(),
    )
}

/// The same with a network and a clock of its own.
fn provider_on(
    network: &dyn Connect,
    clock: Arc<dyn Clock>,
    deadline: Duration,
    way: &Way,
    kept: &Arc<Kept>,
) -> Box<dyn CredentialProvider> {
    let fixed = [
        ("INPUT_REGION", "cn-north-4"),
        ("INPUT_PROJECT_ID", PROJECT_ID),
        ("INPUT_PIPELINE_ID", PIPELINE_ID),
        ("INPUT_PIPELINE_RUN_ID", RUN_ID),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let env = Env::from_pairs(fixed.into_iter().chain(way.inputs.clone()));
    let reading = inputs::read(&env);
    let given = reading.credentials.expect("good inputs");
    let resolved = credentials::resolve(&given, &env).expect("one way");
    let setting = Setting {
        clock,
        random: &|| 0.5,
        redactor: Redactor::default(),
        keeper: Arc::clone(kept) as _,
        policy: RetryPolicy {
            max_attempts: 5,
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            deadline,
        },
    };
    identity::provider(
        resolved.origin,
        &reading.inputs.expect("good inputs"),
        network,
        &Endpoint::metadata(),
        setting,
    )
    .expect("a way to the token service")
}

fn issued(world: &World, way: &Way) -> u64 {
    world.service(|service, now_ms| service.counters(now_ms).of(way.issued_by))
}

fn refused(world: &World) -> u64 {
    world.service(|service, now_ms| service.counters(now_ms).refused_credentials)
}

#[test]
fn credentials_of_a_quarter_hour_last_a_day_and_no_poll_fails() {
    for way in ways() {
        let world = world(DAY);
        let kept = Arc::new(Kept::default());
        let minute = Duration::from_secs(60);
        let mut step = world
            .step()
            .timeout(DAY + DAY)
            .wait(|wait| wait.poll_interval = minute);
        step.credentials = provider(&world, &way, &kept);
        let ended = step.run();
        let name = format!("{:?}", way.issued_by);
        assert_eq!(ended.ending, Ending::Completed, "{name}");
        assert!(ended.warnings.is_empty(), "{name}: {:?}", ended.warnings);
        assert_eq!(refused(&world), 0, "{name}");
        // Renewed when a quarter of the lifetime is left, at the next poll: every 12 minutes.
        let issued = issued(&world, &way);
        assert!((120..=122).contains(&issued), "{name}: {issued}");
        let most = *kept.most.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(most <= 3 * way.secrets, "{name}: {most} secrets at once");
    }
}

#[test]
fn old_credentials_stay_in_use_while_the_service_that_issues_them_is_down() {
    for way in ways() {
        // Down when the first renewal is due, after 675 s, and back before the credentials end, after 900 s.
        let issued_by = way.issued_by;
        let world = world(Duration::from_secs(1500))
            .at(600, move |service, _| {
                service.fault(Fault::new(issued_by, What::status(503)).forever());
            })
            .at(850, |service, _| service.clear_faults());
        let mut step = world.step();
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{issued_by:?}");
        assert!(ended.warnings.is_empty(), "{:?}", ended.warnings);
        assert_eq!(refused(&world), 0, "{issued_by:?}");
        // The first ones, a try a minute while it is down, and the one after that.
        assert_eq!(issued(&world, &way), 1 + 3 + 1, "{issued_by:?}");
    }
}

#[test]
fn a_service_that_stays_down_beyond_the_end_is_tolerated_as_failed_polls_are() {
    for way in ways() {
        let issued_by = way.issued_by;
        let world = world(Duration::from_secs(2000))
            .at(600, move |service, _| {
                service.fault(Fault::new(issued_by, What::status(503)).forever());
            })
            .at(1200, |service, _| service.clear_faults());
        let mut step = world.step();
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{issued_by:?}");
        assert_eq!(refused(&world), 0, "{issued_by:?}");
        assert!(!ended.warnings.is_empty(), "{issued_by:?}");
    }
}

#[test]
fn credentials_that_are_revoked_are_renewed_once_for_each_request_that_is_refused() {
    for way in ways() {
        let mut world = world(Duration::from_secs(500));
        for at in [100, 200, 300] {
            world = world.at(at, |service, _| {
                *service.identities() = codearts_sandbox::Identities::none();
            });
        }
        let mut step = world.step();
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{:?}", way.issued_by);
        assert!(ended.warnings.is_empty(), "{:?}", ended.warnings);
        assert_eq!(refused(&world), 3, "{:?}", way.issued_by);
        assert_eq!(issued(&world, &way), 1 + 3, "{:?}", way.issued_by);
    }
}

#[test]
fn a_second_refusal_of_the_same_request_ends_the_step() {
    for way in ways() {
        let unauthorized = What::error(401, "APIGW.0301", "no");
        let world = world(Duration::from_secs(500))
            .fault(Fault::new(Call::Detail, unauthorized).skip(3).forever());
        let mut step = world.step();
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        let Ending::Failed(failure) = &ended.ending else {
            panic!("{:?}", ended.ending);
        };
        assert_eq!(failure.verdict, Verdict::Final(FinalKind::Unauthorized));
        // Snapshot and two good polls, then the refused one, sent twice with one renewal between.
        let polls = world.request_times("GET", "/detail").len();
        assert_eq!(polls, 3 + 2, "{:?}", way.issued_by);
        assert_eq!(issued(&world, &way), 2, "{:?}", way.issued_by);
    }
}

/// How often the service was asked for credentials in the time before the first ones ended, where it answers so from the
/// first renewal on.
fn renewals(answer: What) -> u64 {
    let [password, ..] = ways();
    // They last four hours, so that renewals begin 40 minutes before that.
    let end = 4 * 60 * 60;
    let world = world(Duration::from_secs(end - 60)).at(600, move |service, _| {
        service.fault(Fault::new(Call::PasswordToken, answer).forever());
    });
    world.service(|service, _| service.config().tokens.token_ms = end * 1000);
    let mut step = world.step().timeout(DAY);
    step.credentials = provider(&world, &password, &Arc::default());
    let ended = step.run();
    assert_eq!(ended.ending, Ending::Completed);
    assert!(ended.warnings.is_empty(), "{:?}", ended.warnings);
    issued(&world, &password) - 1
}

#[test]
fn a_password_that_is_refused_is_not_tried_so_often_that_the_user_is_locked() {
    // IAM locks a user by default after 5 wrong passwords in 15 minutes.
    let tries = renewals(What::status(401));
    assert!((1..=8).contains(&tries), "{tries}");
}

#[test]
fn a_renewal_that_is_put_off_by_the_service_is_not_tried_before() {
    let tries = renewals(What::throttled("600"));
    assert!((1..=4).contains(&tries), "{tries}");
}

#[test]
fn answers_that_are_not_understood_are_tolerated_beyond_the_end_as_those_of_polls_are() {
    for way in ways() {
        let issued_by = way.issued_by;
        let world = world(Duration::from_secs(2000))
            .at(600, move |service, _| {
                service.fault(Fault::new(issued_by, What::html(200)).forever());
            })
            .at(1200, |service, _| service.clear_faults());
        let mut step = world.step();
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{issued_by:?}");
    }
}

/// The one world with the date in its answers, seen by a machine whose clock is an hour ahead.
#[derive(Clone)]
struct HourAhead(World);

impl Connect for HourAhead {
    fn to(&self, _: &Endpoint) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(Box::new(self.clone()))
    }

    fn on_link(&self, _: &Endpoint, _: Duration) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(Box::new(self.clone()))
    }
}

impl Transport for HourAhead {
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure> {
        let answer = self.0.send(request)?;
        Ok(Answer {
            date: Some(httpdate::fmt_http_date(self.0.now())),
            ..answer
        })
    }
}

impl Clock for HourAhead {
    fn now(&self) -> SystemTime {
        self.0.now() + Duration::from_secs(60 * 60)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }
}

#[test]
fn a_wrong_clock_on_this_side_does_not_keep_credentials_from_being_renewed_in_time() {
    for way in ways() {
        let world = world(Duration::from_secs(3600));
        let ahead = HourAhead(world.clone());
        let mut step = world.step().timeout(DAY);
        step.credentials = provider_on(&ahead, Arc::new(ahead.clone()), DAY, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{:?}", way.issued_by);
        assert_eq!(refused(&world), 0, "{:?}", way.issued_by);
    }
}

#[test]
fn a_file_with_an_id_token_is_read_again_for_every_renewal() {
    const MINUTE_MS: u64 = 60 * 1000;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("id-token");
    let written = file.clone();
    let write = move |now_ms: u64| {
        let token = TokenServices::default().trust.sign(now_ms + 11 * MINUTE_MS);
        std::fs::write(&written, token).expect("a file");
    };
    let sandbox = TokenServices::default();
    for (named, issued_by) in [
        (
            vec![("INPUT_OIDC_IDP_ID", sandbox.idp_id)],
            Call::IdTokenExchange,
        ),
        (
            vec![
                ("INPUT_OIDC_PROVIDER_URN", sandbox.provider_urn),
                ("INPUT_OIDC_AGENCY_URN", sandbox.agency_urn),
            ],
            Call::AssumeWithOidc,
        ),
    ] {
        let path = file.to_str().expect("a plain path").to_owned();
        let way = Way {
            inputs: named
                .into_iter()
                .chain([("INPUT_OIDC_ID_TOKEN_FILE", path)])
                .collect(),
            issued_by,
            secrets: 4,
        };
        let mut world = world(Duration::from_secs(3600));
        world.service(|_, now_ms| write(now_ms));
        for at in 1..7 {
            let write = write.clone();
            world = world.at(at * 600, move |_, now_ms| write(now_ms));
        }
        let mut step = world.step().timeout(DAY);
        step.credentials = provider(&world, &way, &Arc::default());
        let ended = step.run();
        assert_eq!(ended.ending, Ending::Completed, "{issued_by:?}");
        assert_eq!(refused(&world), 0, "{issued_by:?}");
        // Every 11 to 12 minutes of the hour; a token that is not the newest would be refused.
        assert!((5..=6).contains(&issued(&world, &way)), "{issued_by:?}");
    }
}

#[test]
fn a_service_that_hangs_does_not_hold_the_step_beyond_its_deadline() {
    for way in ways() {
        let issued_by = way.issued_by;
        // The first renewal is due after 675 s.
        let world = world(DAY).at(600, move |service, _| {
            service.fault(Fault::new(issued_by, What::Hang { effect: false }).forever());
        });
        let deadline = Duration::from_secs(690);
        let mut step = world.step().timeout(deadline);
        step.credentials = provider_until(deadline, &world, &way);
        let ended = step.run();
        assert!(
            matches!(ended.ending, Ending::WaitTimeout(_)),
            "{:?}",
            ended.ending
        );
        let late = ended.at.saturating_sub(deadline);
        assert!(
            late <= Duration::from_secs(6),
            "{issued_by:?}: {late:?} late"
        );
    }
}
