//! The command line of the sandbox when it runs alone.

use codearts_sandbox::{Fault, Status, Verdict};
use serde_json::{Value, json};

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Serves a stand-in for the CodeArts Pipeline service. All credentials in it are fake.

  --port N           port to listen on (default: a free one)
  --host ADDRESS     address to listen on (default: 127.0.0.1)
  --tick-scale X     durations of jobs times X (default: 1; 0.01 = a hundred times as fast)
  --status STATUS    the state the run is found in (default: FAILED)
  --verdicts A,B     how the next retries end: COMPLETED, FAILED, CANCELED, PAUSED, SUSPEND (default: COMPLETED)
  --detail-url URL   the run's detail_url (default: none)
  --faults JSON      one fault or a list of them
  --ca-file PATH     serve HTTPS too (on 127.0.0.1, a free port) and write its CA certificate to PATH
  --help             this text
";

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// The help text.
    Help,
    /// A server.
    Serve(Options),
}

/// The options; see [`HELP`].
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) host: String,
    pub(crate) tick_scale: f64,
    pub(crate) status: Option<Status>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) detail_url: Option<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) ca_file: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            host: "127.0.0.1".to_owned(),
            tick_scale: 1.0,
            status: None,
            verdicts: Vec::new(),
            detail_url: None,
            faults: Vec::new(),
            ca_file: None,
        }
    }
}

/// Reads the arguments, the program's name left out.
pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Result<Wanted, String> {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(name) = arguments.next() {
        if name == "--help" {
            return Ok(Wanted::Help);
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} is unknown or needs a value; see --help"))?;
        set(&mut options, &name, value)?;
    }
    Ok(Wanted::Serve(options))
}

fn set(options: &mut Options, name: &str, value: String) -> Result<(), String> {
    let wrong = |expected: &str| format!("{name}: expected {expected}");
    match name {
        "--port" => options.port = value.parse().map_err(|_| wrong("a port number"))?,
        "--host" => options.host = value,
        "--tick-scale" => {
            options.tick_scale = value
                .parse()
                .ok()
                .filter(|scale: &f64| scale.is_finite() && *scale > 0.0)
                .ok_or_else(|| wrong("a number above 0"))?;
        }
        "--status" => options.status = Some(word(&value).ok_or_else(|| wrong("a status"))?),
        "--verdicts" => {
            options.verdicts = value
                .split(',')
                .map(word)
                .collect::<Option<_>>()
                .ok_or_else(|| wrong("verdicts separated by commas"))?;
        }
        "--detail-url" => options.detail_url = Some(value),
        "--faults" => {
            options.faults = faults(&value).map_err(|error| format!("{name}: {error}"))?;
        }
        "--ca-file" => options.ca_file = Some(value),
        _ => return Err(format!("{name} is unknown; see --help")),
    }
    Ok(())
}

/// A word of the service in the form it has on the wire.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(json!(text.trim())).ok()
}

fn faults(text: &str) -> Result<Vec<Fault>, serde_json::Error> {
    match serde_json::from_str(text)? {
        list @ Value::Array(_) => serde_json::from_value(list),
        one => serde_json::from_value(one).map(|fault| vec![fault]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Result<Wanted, String> {
        read(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn every_option_is_read() {
        let read = options(&[
            "--port",
            "8080",
            "--host",
            "0.0.0.0",
            "--tick-scale",
            "0.5",
            "--status",
            "RUNNING",
            "--verdicts",
            "FAILED,COMPLETED",
            "--detail-url",
            "https://x",
            "--ca-file",
            "ca.pem",
            "--faults",
            r#"{"what":{"kind":"HANG"}}"#,
        ]);
        let Ok(Wanted::Serve(read)) = read else {
            panic!("not read: {read:?}");
        };
        assert_eq!((read.port, read.host.as_str()), (8080, "0.0.0.0"));
        assert_eq!(read.verdicts, [Verdict::Failed, Verdict::Completed]);
        assert_eq!(read.status, Some(Status::Running));
        assert_eq!(read.faults.len(), 1);
    }

    #[test]
    fn wrong_options_are_named() {
        for (arguments, named) in [
            (vec!["--nonsense"], "--nonsense"),
            (vec!["--port", "x"], "--port"),
            (vec!["--tick-scale", "0"], "--tick-scale"),
            (vec!["--verdicts", "GREEN"], "--verdicts"),
        ] {
            let problem = options(&arguments).expect_err("a wrong option");
            assert!(problem.contains(named), "{problem}");
        }
    }

    #[test]
    fn help_is_given_when_asked_for() {
        assert_eq!(options(&["--help"]), Ok(Wanted::Help));
    }
}
