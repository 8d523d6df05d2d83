use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::SystemTime;

use super::*;
use crate::client::{FinalKind, RetryPolicy, Verdict};
use crate::clock::Clock;
use crate::secret::{Redactor, SecretKeeper};

const QUARTER_HOUR: Duration = Duration::from_secs(900);

/// A clock that stands still until it is set, and a list of what was learned and forgotten.
#[derive(Default)]
struct Around {
    now: Mutex<Duration>,
    told: Mutex<Vec<String>>,
}

impl Around {
    fn set(&self, seconds: u64) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Duration::from_secs(seconds);
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, what: &str, secrets: &[Secret]) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.extend(secrets.iter().map(|s| format!("{what} {}", s.expose())));
    }
}

impl Clock for Around {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, _duration: Duration) {}
}

impl SecretKeeper for Around {
    fn learn(&self, secrets: &[Secret]) {
        self.tell("learn", secrets);
    }

    fn forget(&self, secrets: &[Secret]) {
        self.tell("forget", secrets);
    }
}

/// Answers as it is told to, one message for each time that it is asked; says when it is asked.
struct Scripted {
    answers: Mutex<Receiver<Result<&'static str, Verdict>>>,
    asked: Mutex<Sender<u32>>,
}

impl Source for Scripted {
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.send(calls.policy.max_attempts).expect("a test");
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        match answers.recv().expect("an answer for each question") {
            Ok(token) => Ok(Issued {
                credentials: Credentials::Token(calls.learn(token)),
                lifetime: Some(QUARTER_HOUR),
            }),
            Err(verdict) => {
                calls.learn("left over");
                Err(CallFailure::transport(verdict, "down", None))
            }
        }
    }
}

struct World {
    provider: IssuedCredentials,
    around: Arc<Around>,
    answer: Sender<Result<&'static str, Verdict>>,
    asked: Receiver<u32>,
}

fn world() -> World {
    let around = Arc::new(Around::default());
    let (answer, answers) = channel();
    let (ask, asked) = channel();
    let source = Scripted {
        answers: Mutex::new(answers),
        asked: Mutex::new(ask),
    };
    let setting = Setting {
        clock: Arc::clone(&around) as _,
        random: &|| 0.0,
        redactor: Redactor::default(),
        keeper: Arc::clone(&around) as _,
        policy: RetryPolicy {
            max_attempts: 5,
            backoff: Duration::ZERO,
            max_backoff: Duration::ZERO,
            deadline: Duration::MAX,
        },
    };
    World {
        provider: IssuedCredentials::new(Box::new(source), setting),
        around,
        answer,
        asked,
    }
}

impl World {
    fn answers(&self, answers: &[Result<&'static str, Verdict>]) {
        for answer in answers {
            self.answer.send(*answer).expect("the source is there");
        }
    }

    fn current(&self) -> Result<String, Verdict> {
        let current = self.provider.current().map_err(|failure| failure.verdict)?;
        Ok(token(&current))
    }

    /// How many attempts each call of the source could have, since the last time.
    fn asked(&self) -> Vec<u32> {
        self.asked.try_iter().collect()
    }
}

fn token(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Token(token) => token.expose().to_owned(),
        other => panic!("a token: {other:?}"),
    }
}

#[test]
fn the_first_ones_have_all_attempts_and_later_ones_one() {
    let world = world();
    world.answers(&[Err(Verdict::NotSent), Ok("a"), Ok("b")]);
    assert_eq!(world.provider.held(), None);
    assert_eq!(world.current(), Err(Verdict::NotSent));
    assert_eq!(world.current(), Ok("a".to_owned()));
    assert_eq!(world.current(), Ok("a".to_owned()));
    assert_eq!(world.asked(), [5, 5]);
    world.around.set(675);
    assert_eq!(world.current(), Ok("b".to_owned()));
    assert_eq!(world.asked(), [1]);
}

#[test]
fn while_one_thread_renews_another_uses_what_is_still_valid() {
    let world = world();
    world.answers(&[Ok("a")]);
    assert_eq!(world.current(), Ok("a".to_owned()));
    world.around.set(700);
    assert_eq!(world.asked(), [5]);
    std::thread::scope(|scope| {
        let renewing = scope.spawn(|| world.provider.current().map(|c| token(&c)));
        assert_eq!(world.asked.recv(), Ok(1), "the source is being asked");
        assert_eq!(world.current(), Ok("a".to_owned()));
        let held = world.provider.held().expect("they are held");
        assert_eq!(token(&held), "a");
        world.answers(&[Ok("b")]);
        let renewed = renewing.join().expect("the thread ends");
        assert_eq!(renewed.expect("they are renewed"), "b");
    });
    assert_eq!(world.asked(), [0; 0], "nobody else asked");
}

#[test]
fn a_renewal_that_fails_is_tried_again_after_a_pause_and_counts_once_they_have_ended() {
    let world = world();
    world.answers(&[Ok("a"), Err(Verdict::NotSent), Err(Verdict::NotSent)]);
    assert_eq!(world.current(), Ok("a".to_owned()));
    world.around.set(680);
    assert_eq!(world.current(), Ok("a".to_owned()));
    world.around.set(700);
    assert_eq!(world.current(), Ok("a".to_owned()));
    assert_eq!(world.asked(), [5, 1]);
    world.around.set(900);
    assert_eq!(world.current(), Err(Verdict::NotSent));
    assert_eq!(world.asked(), [1]);
}

#[test]
fn refused_ones_are_replaced_and_never_used_again() {
    let world = world();
    let denied = Verdict::Final(FinalKind::Forbidden);
    world.answers(&[Ok("a"), Err(denied), Ok("b")]);
    let refused = world.provider.current().expect("they are issued");
    let failure = world.provider.renew(&refused).expect_err("it is denied");
    assert_eq!(failure.verdict, denied);
    assert_eq!(world.current(), Ok("b".to_owned()));
    // A thread that was refused with the old ones takes what another one got meanwhile.
    let newer = world
        .provider
        .renew(&refused)
        .expect("there are newer ones");
    assert_eq!(newer.map(|c| token(&c)), Some("b".to_owned()));
    assert_eq!(world.asked().len(), 3);
}

#[test]
fn a_source_that_has_no_others_has_none_to_offer() {
    let world = world();
    world.answers(&[Ok("a"), Ok("a")]);
    let refused = world.provider.current().expect("they are issued");
    assert_eq!(world.provider.renew(&refused).expect("it answers"), None);
}

#[test]
fn secrets_are_forgotten_two_generations_later_and_never_while_they_are_in_use() {
    let world = world();
    world.answers(&[Ok("a"), Ok("b"), Err(Verdict::NotSent), Ok("b"), Ok("c")]);
    let mut at = 0;
    let mut turn = || {
        world.around.set(at);
        at += 800;
        let _ = world.current();
        world.around.told()
    };
    assert_eq!(turn(), ["learn a"]);
    assert_eq!(turn(), ["learn b"]);
    assert_eq!(turn(), ["learn left over"]);
    assert_eq!(turn(), ["forget left over", "learn b", "forget a"]);
    assert_eq!(turn(), ["learn c"]);
}
