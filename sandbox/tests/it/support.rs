//! A client that hides nothing, and a service whose clock stands still.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use codearts_sandbox::{
    Concurrency, Config, Content, Identities, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER, Request,
    Run, Sandbox, Service, TOKEN,
};
use serde_json::Value;

/// Where the virtual clock starts.
pub(crate) const START_MS: u64 = 1_750_000_000_000;

pub(crate) fn path(rest: &str) -> String {
    format!("/v5/{PROJECT_ID}/api/pipelines/{PIPELINE_ID}{rest}")
}

pub(crate) fn retry_path() -> String {
    path(&format!("/pipeline-runs/{RUN_ID}/retry"))
}

/// A request with the built-in token.
pub(crate) fn request(method: &str, target: &str, body: &str) -> Request {
    Request::new(method, target)
        .with_header("X-Auth-Token", TOKEN)
        .with_body(body)
}

/// The pure service and its time.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) now_ms: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Run::sample(RUN_ID, RUN_NUMBER))
    }

    pub(crate) fn with(run: Run) -> Self {
        Self {
            service: Service::new(
                Config::default(),
                vec![run],
                Identities::default(),
                START_MS,
            ),
            now_ms: START_MS,
        }
    }

    pub(crate) fn limited(limit: Concurrency) -> Self {
        let mut world = Self::new();
        world.service.config().concurrency = Some(limit);
        world
    }

    pub(crate) fn after_ms(&mut self, ms: u64) -> &mut Self {
        self.now_ms += ms;
        self
    }

    pub(crate) fn call(&mut self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let request = request(method, target, body);
        let reply = self.service.handle(&request, self.now_ms);
        assert!(matches!(reply.body, Content::Text(_)));
        (reply.status, reply.body_json())
    }

    pub(crate) fn retry(&mut self) -> Value {
        self.call("PUT", &retry_path(), "").1
    }

    pub(crate) fn detail(&mut self) -> Value {
        self.call("GET", &path("/pipeline-runs/detail"), "").1
    }

    pub(crate) fn status(&mut self) -> String {
        text(&self.detail()["status"])
    }

    /// Calls the run's part of the service.
    pub(crate) fn run_call(&mut self, method: &str, rest: &str) -> Value {
        let target = path(&format!("/pipeline-runs/{RUN_ID}{rest}"));
        self.call(method, &target, "").1
    }

    /// The run as it is.
    pub(crate) fn run(&mut self) -> Run {
        let now_ms = self.now_ms;
        self.service.run(RUN_ID, now_ms).expect("the run")
    }

    /// The states of the stages, in order.
    pub(crate) fn stages(&mut self) -> Vec<String> {
        let detail = self.detail();
        let stages = detail["stages"].as_array().expect("a list of stages");
        stages.iter().map(|stage| text(&stage["status"])).collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The retry as bytes, asking for the end of the connection.
pub(crate) fn raw_retry() -> String {
    raw("PUT", &retry_path(), "Connection: close\r\n", "")
}

pub(crate) fn raw(method: &str, target: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: sandbox\r\nX-Auth-Token: {TOKEN}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the sandbox listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("a time-out above zero");
    stream
}

/// Everything the other side sends until the connection ends, and the error it ends with.
pub(crate) fn read_all(stream: &mut TcpStream) -> (Vec<u8>, Option<io::ErrorKind>) {
    let mut received = Vec::new();
    let end = stream.read_to_end(&mut received);
    (received, end.err().map(|error| error.kind()))
}

/// Sends bytes and reads to the end of the connection.
pub(crate) fn exchange(sandbox: &Sandbox, bytes: &str) -> (String, Option<io::ErrorKind>) {
    let mut stream = connect(sandbox.address());
    // An early reset may hit the writing already; the reading then shows it.
    let written = stream.write_all(bytes.as_bytes());
    let (received, end) = read_all(&mut stream);
    let end = end.or(written.err().map(|error| error.kind()));
    (String::from_utf8_lossy(&received).into_owned(), end)
}

/// Head and body of an answer.
pub(crate) fn split(answer: &str) -> (&str, &str) {
    answer.split_once("\r\n\r\n").unwrap_or((answer, ""))
}
