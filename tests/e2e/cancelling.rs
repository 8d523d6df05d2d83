//! A step that is cancelled: what it says, what it leaves behind, how long it takes.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use codearts_sandbox::{
    ACCESS_KEY_ID, Concurrency, Endpoint, Fault, Job, RUN_ID, RUN_NUMBER, Run, SECRET_ACCESS_KEY,
    Sandbox, Stage, Status, Step as RunStep, TokenServices, Verdict, What,
};

use crate::support::{Ended, Step};

/// A moment of a step at which it is cancelled.
struct Moment {
    name: &'static str,
    sandbox: Sandbox,
    /// Has come once the sandbox has received this many requests of this kind.
    after: (Endpoint, u64),
    /// How many stops `on_cancel: stop` may send.
    stops: u64,
    retried: &'static str,
}

fn long_run() -> Run {
    let job = Job::new("soak")
        .lasts_ms(60_000_000)
        .failure("it broke")
        .step(RunStep::new("soak", "official_shell_plugin").log(["a", "b"]));
    Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)])
}

fn moments() -> Vec<Moment> {
    let hanging = |endpoint, skip| Fault::new(endpoint, What::Hang { effect: true }).skip(skip);
    let sleeping = Sandbox::builder().runs([long_run()]).start();
    let polling = Sandbox::builder()
        .runs([long_run()])
        .fault(hanging(Endpoint::Detail, 2))
        .start();
    let retrying = Sandbox::builder()
        .runs([long_run()])
        .fault(hanging(Endpoint::Retry, 0))
        .start();
    let reading = Sandbox::builder()
        .runs([Run::sample(RUN_ID, RUN_NUMBER).verdicts([Verdict::Failed])])
        .fault(hanging(Endpoint::Logs, 0))
        .start();
    vec![
        Moment {
            name: "in a sleep between two polls",
            sandbox: sleeping,
            after: (Endpoint::Detail, 2),
            stops: 1,
            retried: "true",
        },
        Moment {
            name: "in a poll that hangs",
            sandbox: polling,
            after: (Endpoint::Detail, 3),
            stops: 1,
            retried: "true",
        },
        Moment {
            name: "in the retry call",
            sandbox: retrying,
            after: (Endpoint::Retry, 1),
            stops: 1,
            retried: "unknown",
        },
        Moment {
            name: "in the reading of a log, when the run is over",
            sandbox: reading,
            after: (Endpoint::Logs, 1),
            stops: 0,
            retried: "true",
        },
    ]
}

fn waiting(sandbox: &Sandbox) -> Step {
    Step::new(sandbox)
        .input("wait", "true")
        .input("poll_interval", "1s")
        .input("on_cancel", "stop")
}

fn start(step: &Step) -> Child {
    step.command().stdout(Stdio::piped()).spawn().unwrap()
}

/// A place in a queue that does not move.
fn full_queue() -> Concurrency {
    Concurrency {
        holds_ms: 60_000_000,
        ..Concurrency::default()
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{what} never came"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "process {pid} is gone");
}

/// What the process leaves behind.
fn ended(step: Step, mut child: Child, sent: Instant) -> Ended {
    let status = child.wait().unwrap();
    let took = sent.elapsed();
    let mut output = Output {
        status,
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_end(&mut output.stdout).unwrap();
    step.ended(&output, took)
}

/// Cancels a step at each moment; `start` runs its command and finds the process to signal.
fn cancel_at_each_moment(start: impl Fn(Command) -> (Child, u32)) {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        for moment in moments() {
            let step = waiting(&moment.sandbox);
            let mut command = step.command();
            command.stdout(Stdio::piped());
            let (child, pid) = start(command);
            let (endpoint, requests) = moment.after;
            wait_until(moment.name, || {
                moment.sandbox.counters().of(endpoint) >= requests
            });
            let sent = Instant::now();
            signal(pid, name);
            let ended = ended(step, child, sent);
            ended
                .assert(code, "interrupted")
                .assert_output("retried", moment.retried)
                .assert_output("pipeline_run_id", RUN_ID);
            assert!(
                ended.took < Duration::from_secs(5),
                "{}: {:?}",
                moment.name,
                ended.took
            );
            let counters = moment.sandbox.counters();
            assert_eq!(counters.of(Endpoint::Stop), moment.stops, "{}", moment.name);
            if moment.stops == 1 {
                assert_eq!(
                    moment.sandbox.run_status(),
                    Some(Status::Canceled),
                    "{}",
                    moment.name
                );
                assert!(ended.stdout.contains("it was stopped"), "{}", ended.stdout);
            }
        }
    }
}

#[test]
fn a_cancelled_step_ends_within_seconds_and_stops_its_run_once() {
    cancel_at_each_moment(|mut command| {
        let child = command.spawn().unwrap();
        let pid = child.id();
        (child, pid)
    });
}

/// Process 1 of a PID namespace, as the entry point of a container: the kernel's own reaction to a signal is to ignore it.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs the right to make a PID namespace: `.ci/run process_1`"]
fn a_cancelled_step_that_is_process_1_does_the_same() {
    cancel_at_each_moment(|command| {
        let mut unshare = Command::new("unshare");
        unshare
            .args([
                "--user",
                "--map-root-user",
                "--pid",
                "--fork",
                "--kill-child",
            ])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(command.get_current_dir().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let child = unshare.spawn().unwrap();
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let read = || std::fs::read_to_string(&children).unwrap_or_default();
        wait_until("the child of unshare", || !read().trim().is_empty());
        let pid = read().trim().parse().unwrap();
        (child, pid)
    });
}

#[test]
fn without_stop_the_run_is_left_as_it_is() {
    let sandbox = Sandbox::builder().runs([long_run()]).start();
    let step = waiting(&sandbox).input("on_cancel", "leave");
    let child = start(&step);
    wait_until("a poll", || sandbox.counters().of(Endpoint::Detail) >= 2);
    let sent = Instant::now();
    signal(child.id(), "TERM");
    let ended = ended(step, child, sent);
    ended.assert(143, "interrupted");
    assert!(
        ended.stdout.contains("it is left as it is"),
        "{}",
        ended.stdout
    );
    assert_eq!(sandbox.counters().of(Endpoint::Stop), 0);
    assert_eq!(sandbox.run_status(), Some(Status::Running));
}

#[test]
fn a_run_of_somebody_else_is_not_stopped() {
    let sandbox = Sandbox::builder()
        .runs([long_run().status(Status::Running)])
        .start();
    let step = waiting(&sandbox);
    let child = start(&step);
    wait_until("a poll", || sandbox.counters().of(Endpoint::Detail) >= 2);
    let sent = Instant::now();
    signal(child.id(), "INT");
    let ended = ended(step, child, sent);
    ended
        .assert(130, "interrupted")
        .assert_output("retried", "false");
    assert!(!ended.stdout.contains("stop it"), "{}", ended.stdout);
    assert_eq!(sandbox.counters().of(Endpoint::Stop), 0);
}

#[test]
fn a_queued_retry_is_taken_off_the_queue() {
    let sandbox = Sandbox::builder()
        .runs([Run::sample(RUN_ID, RUN_NUMBER)])
        .concurrency(full_queue())
        .start();
    let step = waiting(&sandbox);
    let child = start(&step);
    wait_until("a look at the queue", || {
        sandbox.counters().of(Endpoint::Queue) >= 1
    });
    let sent = Instant::now();
    signal(child.id(), "TERM");
    ended(step, child, sent).assert(143, "interrupted");
    let counters = sandbox.counters();
    assert_eq!(
        (counters.cancel_queuings, counters.of(Endpoint::Stop)),
        (1, 0)
    );
}

#[test]
fn a_retry_that_is_queued_while_the_step_is_cancelled_is_taken_off_the_queue() {
    let late = What::Delay {
        ms: 500,
        after_effect: true,
    };
    let sandbox = Sandbox::builder()
        .runs([Run::sample(RUN_ID, RUN_NUMBER)])
        .concurrency(full_queue())
        .fault(Fault::new(Endpoint::Retry, late))
        .start();
    let step = waiting(&sandbox);
    let child = start(&step);
    wait_until("the retry", || sandbox.counters().of(Endpoint::Retry) >= 1);
    let sent = Instant::now();
    signal(child.id(), "TERM");
    let ended = ended(step, child, sent);
    ended
        .assert(143, "interrupted")
        .assert_output("retried", "true");
    assert!(!ended.output("queue_id").is_empty());
    let counters = sandbox.counters();
    assert_eq!(
        (counters.cancel_queuings, counters.of(Endpoint::Stop)),
        (1, 0)
    );
}

#[test]
fn a_retry_that_has_left_the_queue_is_stopped_also_before_the_run_shows_it() {
    let old = format!(r#"{{"id":"{RUN_ID}","status":"FAILED","end_time":1000}}"#);
    let sandbox = Sandbox::builder()
        .runs([long_run()])
        .concurrency(Concurrency {
            holds_ms: 500,
            retries: Some(1),
            ..Concurrency::default()
        })
        .fault(
            Fault::new(Endpoint::Detail, What::answer(200, &[], &old))
                .skip(1)
                .forever(),
        )
        .start();
    let step = waiting(&sandbox);
    let child = start(&step);
    wait_until("a look at the run", || {
        sandbox.counters().of(Endpoint::Detail) >= 3
    });
    let sent = Instant::now();
    signal(child.id(), "TERM");
    ended(step, child, sent).assert(143, "interrupted");
    let counters = sandbox.counters();
    assert_eq!(
        (counters.cancel_queuings, counters.of(Endpoint::Stop)),
        (0, 1)
    );
    assert_eq!(sandbox.run_status(), Some(Status::Canceled));
}

#[test]
fn a_stop_that_fails_is_told_and_takes_no_longer() {
    for (what, words) in [
        (What::status(503), "stopping it failed"),
        (What::Hang { effect: false }, "stopping it failed"),
        (
            What::answer(200, &[], r#"{"success":false}"#),
            "the service did not stop it",
        ),
    ] {
        let sandbox = Sandbox::builder()
            .runs([long_run()])
            .fault(Fault::new(Endpoint::Stop, what))
            .start();
        let step = waiting(&sandbox);
        let child = start(&step);
        wait_until("a poll", || sandbox.counters().of(Endpoint::Detail) >= 2);
        let sent = Instant::now();
        signal(child.id(), "INT");
        let ended = ended(step, child, sent);
        ended.assert(130, "interrupted");
        assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
        assert_eq!(sandbox.counters().of(Endpoint::Stop), 1);
    }
}

/// Waiting with credentials that a token service issues.
fn waiting_as_iam_user(sandbox: &Sandbox) -> Step {
    let known = TokenServices::default();
    waiting(sandbox)
        .without("INPUT_AUTH_TOKEN")
        .input("region", "cn-north-4")
        .input("iam_endpoint", &sandbox.url())
        .input("iam_domain_name", &known.domain_name)
        .input("iam_user_name", &known.user_name)
        .input("iam_password", &known.password)
}

#[test]
fn a_token_service_that_hangs_does_not_delay_the_end_and_nothing_is_sent() {
    let sandbox = Sandbox::builder()
        .fault(Fault::new(
            Endpoint::PasswordToken,
            What::Hang { effect: false },
        ))
        .start();
    let step = waiting_as_iam_user(&sandbox);
    let child = start(&step);
    wait_until("the request for a token", || {
        sandbox.counters().of(Endpoint::PasswordToken) >= 1
    });
    let sent = Instant::now();
    signal(child.id(), "TERM");
    let ended = ended(step, child, sent);
    ended
        .assert(143, "interrupted")
        .assert_output("retried", "false");
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
    assert_eq!(sandbox.counters().of(Endpoint::Any), 1);
}

#[test]
fn a_run_is_stopped_with_the_issued_credentials_there_are() {
    let sandbox = Sandbox::builder().runs([long_run()]).start();
    let step = waiting_as_iam_user(&sandbox);
    let child = start(&step);
    wait_until("a poll", || sandbox.counters().of(Endpoint::Detail) >= 2);
    let sent = Instant::now();
    signal(child.id(), "TERM");
    ended(step, child, sent).assert(143, "interrupted");
    assert_eq!(sandbox.run_status(), Some(Status::Canceled));
    assert_eq!(sandbox.counters().of(Endpoint::PasswordToken), 1);
}

#[test]
fn a_second_signal_ends_the_step_at_once() {
    let sandbox = Sandbox::builder()
        .runs([long_run()])
        .fault(Fault::new(Endpoint::Stop, What::Hang { effect: false }))
        .start();
    let step = waiting(&sandbox);
    let mut child = start(&step);
    wait_until("a poll", || sandbox.counters().of(Endpoint::Detail) >= 2);
    signal(child.id(), "INT");
    wait_until("the stop", || sandbox.counters().of(Endpoint::Stop) >= 1);
    let sent = Instant::now();
    signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(
        sent.elapsed() < Duration::from_secs(1),
        "{:?}",
        sent.elapsed()
    );
}

#[test]
#[cfg(unix)]
fn a_signal_before_the_first_request_keeps_it_from_being_sent() {
    let sandbox = Sandbox::builder().runs([long_run()]).start();
    let step = Step::new(&sandbox);
    // The step hangs where it reads its credentials, until somebody writes them.
    let profile = step.path("credentials");
    let made = Command::new("mkfifo").arg(&profile).status();
    assert!(made.unwrap().success());
    let step = step.without("INPUT_AUTH_TOKEN").variable(
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
        profile.to_str().unwrap(),
    );
    let mut child = step.command().stdout(Stdio::null()).spawn().unwrap();
    // Opening it waits for the step to open it too.
    let mut writer = std::fs::File::options().write(true).open(&profile).unwrap();
    signal(child.id(), "TERM");
    std::thread::sleep(Duration::from_millis(200));
    let keys = format!("[basic]\nak = {ACCESS_KEY_ID}\nsk = {SECRET_ACCESS_KEY}\n");
    writer.write_all(keys.as_bytes()).unwrap();
    drop(writer);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(sandbox.counters().of(Endpoint::Retry), 0);
}
