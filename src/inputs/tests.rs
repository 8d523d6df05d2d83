use std::ffi::OsString;

use super::*;

const ID: &str = "0123456789abcdef0123456789abcdef";

const VALID: [(&str, &str); 4] = [
    ("INPUT_PROJECT_ID", ID),
    ("INPUT_PIPELINE_ID", ID),
    ("INPUT_PIPELINE_RUN_ID", ID),
    ("INPUT_REGION", "cn-north-4"),
];

/// Reads valid inputs and these; a later value of a name replaces an earlier one.
fn reading(pairs: &[(&str, &str)]) -> Reading {
    let env = Env::from_pairs(VALID.iter().chain(pairs).copied());
    read_with(&env, &|path| path == Path::new("results"))
}

fn errors(reading: &Reading) -> Vec<String> {
    match &reading.inputs {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn valid(pairs: &[(&str, &str)]) -> Inputs {
    reading(pairs).inputs.expect("the inputs are valid")
}

fn check(pairs: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(errors(&reading(pairs)), expected, "{pairs:?}");
}

#[test]
fn defaults_hold_where_nothing_is_given() {
    let id = Id::parse(ID).expect("an id");
    assert_eq!(
        valid(&[]),
        Inputs {
            project_id: id.clone(),
            pipeline_id: id.clone(),
            pipeline_run_id: RunSelector::Id(id),
            job_run_ids: Vec::new(),
            region: Some("cn-north-4".to_owned()),
            endpoint: Endpoint::of_region("cn-north-4").expect("a known region"),
            iam_endpoint: None,
            sts_endpoint: None,
            iam_project_id: None,
            wait: false,
            wait_timeout: Duration::from_secs(3600),
            poll_interval: Duration::from_secs(10),
            max_retries: 1,
            on_cancel: OnCancel::Leave,
            max_attempts: 5,
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            dry_run: false,
            log_lines: 50,
            output_file: None,
            log_level: log::LevelFilter::Info,
        }
    );
}

#[test]
fn every_default_passes_when_it_is_given() {
    let names: Vec<_> = INPUTS
        .iter()
        .map(|spec| {
            (
                format!("INPUT_{}", spec.name.to_uppercase()),
                spec.default.unwrap_or(""),
            )
        })
        .filter(|(name, _)| !VALID.iter().any(|(valid, _)| valid == name))
        .collect();
    let pairs: Vec<_> = names
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(valid(&pairs), valid(&[]));
}

#[test]
fn every_input_reaches_the_deserializer() {
    // A value that no type accepts: control characters within.
    for spec in INPUTS {
        let name = format!("INPUT_{}", spec.name.to_uppercase());
        let reading = reading(&[(&name, "a\u{1}b")]);
        let errors = reading.inputs.expect_err("no input takes this");
        assert!(
            errors.iter().any(|error| error.input() == Some(spec.name)),
            "{}",
            spec.name
        );
    }
}

#[test]
fn plugin_variables_count_where_the_input_variable_is_unset() {
    assert_eq!(valid(&[("PLUGIN_MAX_ATTEMPTS", "7")]).max_attempts, 7);
    assert_eq!(
        valid(&[("PLUGIN_MAX_ATTEMPTS", "7"), ("INPUT_MAX_ATTEMPTS", " ")]).max_attempts,
        7
    );
    assert_eq!(
        valid(&[("PLUGIN_MAX_ATTEMPTS", "x"), ("INPUT_MAX_ATTEMPTS", "3")]).max_attempts,
        3
    );
}

#[test]
fn names_fold_case_hyphen_dot_and_space() {
    for name in [
        "INPUT_MAX-ATTEMPTS",
        "input_max_attempts",
        "INPUT_MAX ATTEMPTS",
        "Input_Max.Attempts",
    ] {
        assert_eq!(valid(&[(name, "7")]).max_attempts, 7, "{name}");
    }
}

#[test]
fn two_spellings_must_agree() {
    let same = [
        ("INPUT_MAX_ATTEMPTS", "7"),
        ("INPUT_MAX-ATTEMPTS", " 7 "),
        ("INPUT_MAX ATTEMPTS", ""),
    ];
    assert_eq!(valid(&same).max_attempts, 7);
    check(
        &[("INPUT_MAX_ATTEMPTS", "7"), ("INPUT_MAX-ATTEMPTS", "8")],
        &[
            "`max_attempts` is given twice with different values, by INPUT_MAX-ATTEMPTS and INPUT_MAX_ATTEMPTS: keep one",
        ],
    );
}

#[test]
fn values_are_trimmed_and_blank_means_unset() {
    assert_eq!(valid(&[("INPUT_MAX_ATTEMPTS", " 7\n")]).max_attempts, 7);
    assert_eq!(valid(&[("INPUT_MAX_ATTEMPTS", " \t ")]).max_attempts, 5);
    check(
        &[("INPUT_PROJECT_ID", "  ")],
        &["`project_id` is required: give the id of the CodeArts project, 32 letters and digits"],
    );
}

#[cfg(unix)]
mod not_utf8 {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    fn with(name: &str) -> Reading {
        let mut pairs: Vec<(OsString, OsString)> = VALID
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        pairs.push((name.into(), OsString::from_vec(vec![b'a', 0xff])));
        read_with(&Env::from_pairs(pairs), &|_| false)
    }

    #[test]
    fn a_value_of_ours_that_is_not_utf8_is_an_error_that_names_it() {
        assert_eq!(
            errors(&with("INPUT_PROJECT-ID")),
            ["`project_id` is not valid UTF-8 in the variable INPUT_PROJECT-ID: write it in UTF-8"]
        );
        assert_eq!(
            errors(&with("PLUGIN_PROJECT_ID")),
            [
                "`project_id` is not valid UTF-8 in the variable PLUGIN_PROJECT_ID: write it in UTF-8"
            ]
        );
    }

    #[test]
    fn an_input_that_is_not_utf8_is_not_reported_as_missing_too() {
        let pairs = [
            (
                OsString::from("INPUT_REGION"),
                OsString::from_vec(vec![0xff]),
            ),
            (
                OsString::from("INPUT_AUTH_TOKEN"),
                OsString::from_vec(vec![0xff]),
            ),
        ];
        let reading = read_with(&Env::from_pairs(pairs), &|_| false);
        let errors = errors(&reading);
        assert_eq!(
            errors.iter().filter(|e| e.contains("region")).count(),
            1,
            "{errors:?}"
        );
        assert_eq!(reading.credentials, None);
    }

    #[test]
    fn any_other_variable_may_be_anything() {
        assert!(with("GREETING").inputs.is_ok());
        assert!(with("INPUT_SOMETHING_ELSE").inputs.is_ok());
    }
}

#[test]
fn a_misspelled_name_gets_a_suggestion() {
    let reading = reading(&[
        ("INPUT_PIPELINE_RUNID", "x"),
        ("PLUGIN_WAIT-TIMEOT", "x"),
        ("INPUT_REGOIN", ""),
        ("INPUT_GREETING", "x"),
        ("PROJCT_ID", "x"),
    ]);
    assert_eq!(
        reading.warnings,
        [
            "INPUT_PIPELINE_RUNID is not an input: did you mean `pipeline_run_id`, in INPUT_PIPELINE_RUN_ID?",
            "PLUGIN_WAIT-TIMEOT is not an input: did you mean `wait_timeout`, in PLUGIN_WAIT_TIMEOUT?",
        ]
    );
    assert!(reading.inputs.is_ok());
}

#[test]
fn all_errors_are_reported_together_in_the_order_of_the_table() {
    let env = Env::from_pairs([
        ("INPUT_LOG_LEVEL", "loud"),
        ("INPUT_PIPELINE_ID", "short"),
        ("INPUT_DRY_RUN", "yes"),
        ("INPUT_AUTH_TOKEN", "a\nb"),
    ]);
    assert_eq!(
        errors(&read_with(&env, &|_| false)),
        [
            "`project_id` is required: give the id of the CodeArts project, 32 letters and digits",
            "`pipeline_id` must be an id of 32 letters and digits, found `short`",
            "`pipeline_run_id` is required: give the id of the run, 32 letters and digits, or `latest`",
            "`region` is required: give a region such as cn-north-4, or `endpoint`",
            "`auth_token` must be one line without control characters: copy it again, without line breaks",
            "`dry_run` must be true or false, found `yes`",
            "`log_level` must be `error`, `warn`, `info`, `debug` or `trace`, found `loud`",
        ]
    );
}

#[test]
fn what_was_found_is_cut_and_escaped() {
    check(
        &[("INPUT_DRY_RUN", "::error::\r\nx")],
        &["`dry_run` must be true or false, found `::error::\\r\\nx`"],
    );
    let long = "x".repeat(10_000);
    let reading = reading(&[("INPUT_DRY_RUN", &long)]);
    assert!(errors(&reading)[0].len() < 200);
}

#[test]
fn a_wrong_secret_is_never_shown() {
    for spec in INPUTS.iter().filter(|spec| spec.is_secret()) {
        let name = format!("INPUT_{}", spec.name.to_uppercase());
        let reading = reading(&[(&name, "hush\nhush")]);
        let errors = errors(&reading);
        assert!(errors[0].contains(spec.name), "{errors:?}");
        assert!(!errors.concat().contains("hush"), "{errors:?}");
        assert_eq!(reading.credentials, None);
        assert_eq!(reading.secrets, [Secret::new("hush\nhush")]);
    }
}

#[test]
fn a_secret_that_is_sent_as_a_header_is_ascii() {
    check(
        &[("INPUT_ACCESS_KEY_ID", "AKÄ")],
        &["`access_key_id` must be ASCII, as headers are: copy it again"],
    );
    check(&[("INPUT_IAM_PASSWORD", "pässword")], &[]);
}

#[test]
fn every_secret_is_kept_for_masking_whatever_is_wrong() {
    let reading = reading(&[
        ("INPUT_PROJECT_ID", ""),
        ("INPUT_AUTH_TOKEN", " one "),
        ("INPUT_AUTH-TOKEN", "two"),
        ("PLUGIN_AUTH_TOKEN", "three"),
        ("INPUT_SECRET_ACCES_KEY", "four"),
        ("INPUT_OIDC_AUDIENCE", "public"),
    ]);
    let mut secrets: Vec<_> = reading.secrets.iter().map(Secret::expose).collect();
    secrets.sort_unstable();
    assert_eq!(secrets, ["four", "one", "three", "two"]);
}

#[test]
fn the_region_selects_the_host() {
    let inputs = valid(&[("INPUT_REGION", "tr-west-1")]);
    assert_eq!(
        inputs.endpoint.base(),
        "https://pipeline-external.tr-west-1.myhuaweicloud.com"
    );
}

#[test]
fn an_unknown_region_needs_an_endpoint() {
    let reading = reading(&[("INPUT_REGION", "moon-1")]);
    let error = &errors(&reading)[0];
    assert!(
        error.starts_with(
            "`region` must be one whose host is known, found `moon-1`: give `endpoint` for another one (known: cn-north-1, "
        ),
        "{error}"
    );
    let inputs = valid(&[
        ("INPUT_REGION", "moon-1"),
        ("INPUT_ENDPOINT", "https://moon.example/"),
    ]);
    assert_eq!(inputs.endpoint.base(), "https://moon.example");
    assert_eq!(inputs.region.as_deref(), Some("moon-1"));
}

#[test]
fn an_endpoint_does_without_a_region() {
    let inputs = valid(&[
        ("INPUT_REGION", ""),
        ("INPUT_ENDPOINT", "http://127.0.0.1:8080"),
    ]);
    assert_eq!(inputs.region, None);
    assert!(inputs.endpoint.is_loopback_http());
}

#[test]
fn the_environment_may_name_the_region() {
    let from = |name| valid(&[("INPUT_REGION", ""), (name, "cn-east-3")]).region;
    assert_eq!(from("HUAWEI_CLOUD_REGION").as_deref(), Some("cn-east-3"));
    assert_eq!(from("HW_REGION_NAME").as_deref(), Some("cn-east-3"));
    let inputs = valid(&[("HUAWEI_CLOUD_REGION", "cn-east-3")]);
    assert_eq!(inputs.region.as_deref(), Some("cn-north-4"));
    let reading = reading(&[("INPUT_REGION", ""), ("HW_REGION_NAME", "moon-1")]);
    assert!(errors(&reading)[0].contains("found `moon-1` in HW_REGION_NAME: give `endpoint`"));
}

#[test]
fn the_iam_project_of_the_environment_is_not_the_project() {
    check(
        &[("INPUT_PROJECT_ID", ""), ("HUAWEI_CLOUD_PROJECT_ID", ID)],
        &["`project_id` is required: give the id of the CodeArts project, 32 letters and digits"],
    );
}

#[test]
fn a_wrong_endpoint_is_shown_without_its_password() {
    check(
        &[("INPUT_ENDPOINT", "https://me:hush@moon.example")],
        &[
            "`endpoint` must not hold a user name or password: give scheme and host only, found `https://***@moon.example`",
        ],
    );
    check(
        &[("INPUT_ENDPOINT", "http://moon.example")],
        &[
            "`endpoint` must start with https://: plain http is for localhost and loopback addresses only, found `http://moon.example`",
        ],
    );
    check(
        &[("INPUT_ENDPOINT", "https://moon.example/v5")],
        &[
            "`endpoint` must end after the host: leave the path out, found `https://moon.example/v5`",
        ],
    );
}

#[test]
fn retrying_again_and_stopping_need_waiting() {
    check(
        &[
            ("INPUT_MAX_RETRIES", "2"),
            ("INPUT_ON_CANCEL", "stop"),
            ("INPUT_DRY_RUN", "true"),
        ],
        &[
            "`max_retries` above 1 needs `wait: true`: set `wait`, or leave `max_retries` out",
            "`on_cancel` `stop` needs `wait: true`: set `wait`, or leave `on_cancel` out",
        ],
    );
    check(
        &[("INPUT_MAX_RETRIES", "2"), ("INPUT_WAIT", "maybe")],
        &["`wait` must be true or false, found `maybe`"],
    );
}

#[test]
fn only_the_delays_may_be_zero() {
    let inputs = valid(&[("INPUT_BACKOFF", "0"), ("INPUT_MAX_BACKOFF", "0")]);
    assert_eq!(
        (inputs.backoff, inputs.max_backoff),
        (Duration::ZERO, Duration::ZERO)
    );
    for input in ["wait_timeout", "connect_timeout", "request_timeout"] {
        let name = format!("INPUT_{}", input.to_uppercase());
        let expected = format!(
            "`{input}` must be a duration above 0 and of at most 876000h, such as 90s, 500ms, 10m or 1h30m (a bare \
             number is seconds), found `0`"
        );
        check(&[(&name, "0")], &[&expected]);
    }
}

#[test]
fn the_first_delay_is_not_above_the_longest() {
    check(
        &[("INPUT_BACKOFF", "60s")],
        &[
            "`backoff` must not be above `max_backoff`, found `60s` and `30s`: raise `max_backoff` or lower `backoff`",
        ],
    );
    let inputs = valid(&[("INPUT_BACKOFF", "60s"), ("INPUT_MAX_BACKOFF", "1m")]);
    assert_eq!(inputs.backoff, inputs.max_backoff);
    let inputs = valid(&[("INPUT_MAX_BACKOFF", "100ms")]);
    assert_eq!(inputs.backoff, Duration::from_millis(100));
}

#[test]
fn numbers_have_bounds() {
    assert_eq!(valid(&[("INPUT_MAX_ATTEMPTS", "20")]).max_attempts, 20);
    check(
        &[
            ("INPUT_MAX_ATTEMPTS", "21"),
            ("INPUT_LOG_LINES", "1001"),
            ("INPUT_MAX_RETRIES", "11"),
        ],
        &[
            "`max_retries` must be a whole number from 1 to 10, found `11`",
            "`max_attempts` must be a whole number from 1 to 20, found `21`",
            "`log_lines` must be a whole number from 0 to 1000, found `1001`",
        ],
    );
}

#[test]
fn the_output_file_is_known_even_when_other_inputs_are_wrong() {
    let reading = reading(&[("INPUT_OUTPUT_FILE", "results"), ("INPUT_PROJECT_ID", "")]);
    assert!(reading.inputs.is_err());
    let file = reading.output_file.expect("it is valid");
    assert_eq!(file.format, OutputFormat::Directory);
    check(
        &[("INPUT_OUTPUT_FILE", "out.txt")],
        &[
            "`output_file` must be a .json, .env, .properties or .sh file, or a directory that exists or ends in /, found `out.txt`",
        ],
    );
}

#[test]
fn the_log_level_is_usable_whatever_is_wrong() {
    let level = |pairs: &[(&str, &str)]| reading(pairs).log_level;
    assert_eq!(level(&[]), log::LevelFilter::Info);
    assert_eq!(
        level(&[("INPUT_LOG_LEVEL", "warn")]),
        log::LevelFilter::Warn
    );
    assert_eq!(
        level(&[("INPUT_LOG_LEVEL", "loud")]),
        log::LevelFilter::Info
    );
    assert_eq!(level(&[("INPUT_LOG_LEVEL", "off")]), log::LevelFilter::Info);
}

#[test]
fn the_debug_switch_of_the_runner_raises_the_log_level() {
    let level =
        |level, switch| valid(&[("INPUT_LOG_LEVEL", level), ("RUNNER_DEBUG", switch)]).log_level;
    assert_eq!(level("error", "1"), log::LevelFilter::Debug);
    assert_eq!(level("trace", "1"), log::LevelFilter::Trace);
    assert_eq!(level("error", "0"), log::LevelFilter::Error);
    assert_eq!(level("error", ""), log::LevelFilter::Error);
}

#[test]
fn ids_and_lists_are_read() {
    let (a, b) = ("a".repeat(32), "b".repeat(32));
    let inputs = valid(&[
        ("INPUT_PIPELINE_RUN_ID", "latest"),
        ("INPUT_JOB_RUN_IDS", &format!("{a}\n{b}")),
    ]);
    assert_eq!(inputs.pipeline_run_id, RunSelector::Latest);
    assert_eq!(inputs.job_run_ids.len(), 2);
}

#[test]
fn the_table_is_sound() {
    for (at, spec) in INPUTS.iter().enumerate() {
        assert!(
            !INPUTS[..at].iter().any(|other| other.name == spec.name),
            "{}",
            spec.name
        );
        assert!(
            spec.help.ends_with('.') && !spec.help.contains('\n'),
            "{}",
            spec.name
        );
        assert!(
            spec.default.is_none() || spec.required == Required::No,
            "{}",
            spec.name
        );
    }
}

/// A linear congruential generator (Knuth, MMIX), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).expect("31 bits fit");
        high % limit
    }

    fn text(&mut self) -> OsString {
        const PIECES: [&str; 24] = [
            "true",
            "1",
            "0",
            "h",
            "ms",
            "s",
            "90",
            "99999999999999999999",
            ",",
            "\n",
            " ",
            "https://",
            "http://",
            "@",
            "[",
            "]",
            ":",
            "/",
            "::1",
            "é",
            "\u{0}",
            "\u{feff}",
            "latest",
            ID,
        ];
        let mut text = OsString::new();
        for _ in 0..self.below(6) {
            text.push(PIECES[self.below(PIECES.len())]);
        }
        #[cfg(unix)]
        if self.below(8) == 0 {
            use std::os::unix::ffi::OsStringExt as _;
            let byte = u8::try_from(self.below(256)).expect("a byte");
            text.push(OsString::from_vec(vec![byte]));
        }
        text
    }
}

#[test]
fn no_environment_makes_it_panic_and_no_error_spans_lines() {
    let mut random = Random(1);
    for _ in 0..3000 {
        let pairs: Vec<(OsString, OsString)> = (0..random.below(12))
            .map(|_| {
                let mut name = OsString::from(["INPUT_", "PLUGIN_", "input-", ""][random.below(4)]);
                match random.below(4) {
                    0 => name.push(random.text()),
                    _ => name.push(INPUTS[random.below(INPUTS.len())].name),
                }
                (name, random.text())
            })
            .collect();
        let reading = read_with(&Env::from_pairs(pairs), &|_| false);
        if let Err(errors) = &reading.inputs {
            assert!(!errors.is_empty());
        }
        let lines = errors(&reading);
        for line in lines.iter().chain(&reading.warnings) {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
}
