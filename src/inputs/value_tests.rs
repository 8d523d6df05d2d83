use super::*;

const ANY: (Duration, Duration) = (Duration::ZERO, LONGEST);

fn any_duration(text: &str) -> Option<Duration> {
    duration(text, ANY.0, ANY.1).ok()
}

#[test]
fn an_id_is_32_letters_and_digits() {
    let text = "0123456789abcdefABCDEF0123456789";
    assert_eq!(id(text).map(|id| id.to_string()), Ok(text.to_owned()));
    for wrong in [
        "",
        "abc",
        &text[1..],
        &format!("{text}0"),
        &text.replace('0', "/"),
        &text.replace('0', "é"),
    ] {
        assert_eq!(
            id(wrong),
            Err("an id of 32 letters and digits".into()),
            "{wrong}"
        );
    }
}

#[test]
fn a_run_is_an_id_or_the_word_latest() {
    assert_eq!(run_selector("latest"), Ok(RunSelector::Latest));
    assert!(matches!(
        run_selector(&"a".repeat(32)),
        Ok(RunSelector::Id(_))
    ));
    for wrong in ["Latest", "newest", "1"] {
        assert_eq!(
            run_selector(wrong),
            Err("an id of 32 letters and digits, or `latest`".into())
        );
    }
}

#[test]
fn ids_are_separated_by_comma_or_line_break() {
    let (a, b, c) = ("a".repeat(32), "b".repeat(32), "c".repeat(32));
    let ids = id_list(&format!(" {a}, {b}\r\n\n{c},{a},")).expect("three ids");
    let ids: Vec<_> = ids.iter().map(Id::as_str).collect();
    assert_eq!(ids, [&a, &b, &c]);
}

#[test]
fn a_list_names_the_entry_that_is_no_id() {
    let a = "a".repeat(32);
    assert_eq!(
        id_list(&format!("{a} {a}, x")),
        Err(format!(
            "ids of 32 letters and digits, separated by comma or line break (`{a} {a}` is none)"
        )
        .into())
    );
}

#[test]
fn a_list_of_separators_alone_does_not_mean_everything() {
    assert_eq!(
        id_list(",\n,"),
        Err("ids of 32 letters and digits, separated by comma or line break".into())
    );
}

#[test]
fn a_boolean_has_six_spellings() {
    for text in ["true", "True", "TRUE"] {
        assert_eq!(boolean(text), Ok(true));
    }
    for text in ["false", "False", "FALSE"] {
        assert_eq!(boolean(text), Ok(false));
    }
    for text in ["yes", "1", "0", "tRUE", "on", "'true'"] {
        assert_eq!(boolean(text), Err("true or false".into()), "{text}");
    }
}

#[test]
fn a_number_is_digits_within_its_bounds() {
    assert_eq!(integer("1", 1, 10), Ok(1));
    assert_eq!(integer("010", 1, 10), Ok(10));
    for text in [
        "0",
        "11",
        "-1",
        "+5",
        "5.0",
        "five",
        "99999999999999999999",
        "５",
    ] {
        assert_eq!(
            integer(text, 1, 10),
            Err("a whole number from 1 to 10".into()),
            "{text}"
        );
    }
}

#[test]
fn a_duration_has_units_and_a_bare_number_is_seconds() {
    for (text, millis) in [
        ("90", 90_000),
        ("90s", 90_000),
        ("500ms", 500),
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("1h2m3s4ms", 3_723_004),
        ("0", 0),
        ("0s", 0),
        ("0090", 90_000),
    ] {
        assert_eq!(
            any_duration(text),
            Some(Duration::from_millis(millis)),
            "{text}"
        );
    }
}

#[test]
fn what_only_looks_like_a_duration_is_refused() {
    for text in [
        "", "s", "m10", "1.5s", "-1", "+1", "10 m", "10M", "1d", "30m1h", "1m1m", "1h30", "10ms5s",
        "1hh", "１s", "1µs", "0x10", "1e3",
    ] {
        assert_eq!(any_duration(text), None, "{text}");
    }
}

#[test]
fn a_duration_that_is_too_long_is_refused_and_does_not_overflow() {
    for text in [
        "876001h",
        "99999999999999999999999999h",
        "18446744073709551615h1m",
        "18446744073709551615",
    ] {
        assert_eq!(any_duration(text), None, "{text}");
    }
    assert_eq!(any_duration("876000h"), Some(LONGEST));
}

#[test]
fn a_duration_has_bounds() {
    let poll = |text| duration(text, Duration::from_secs(1), Duration::from_secs(600));
    assert_eq!(poll("1s"), Ok(Duration::from_secs(1)));
    assert_eq!(poll("10m"), Ok(Duration::from_secs(600)));
    let expected =
        "a duration from 1s to 10m, such as 90s, 500ms, 10m or 1h30m (a bare number is seconds)";
    assert_eq!(poll("999ms"), Err(expected.into()));
    assert_eq!(poll("601"), Err(expected.into()));
    let positive = duration("0", Duration::from_millis(1), LONGEST);
    let expected = "a duration above 0 and of at most 876000h, such as 90s, 500ms, 10m or 1h30m (a bare number is seconds)";
    assert_eq!(positive, Err(expected.into()));
}

#[test]
fn a_bound_is_shown_in_its_longest_whole_unit() {
    let shown = |millis| compact(Duration::from_millis(millis));
    assert_eq!(shown(0), "0");
    assert_eq!(shown(1500), "1500ms");
    assert_eq!(shown(90_000), "90s");
    assert_eq!(shown(600_000), "10m");
    assert_eq!(shown(3_600_000), "1h");
}

#[test]
fn a_word_is_one_of_the_list_in_this_spelling() {
    assert_eq!(choice("stop", &["leave", "stop"]), Ok("stop"));
    assert_eq!(
        choice("Stop", &["leave", "stop"]),
        Err("`leave` or `stop`".into())
    );
}

#[test]
fn text_is_one_line() {
    assert_eq!(line("a b"), Ok("a b".to_owned()));
    assert_eq!(
        line("a\nb"),
        Err("one line without control characters".into())
    );
}

#[test]
fn a_secret_has_no_control_characters_and_is_ascii_in_a_header() {
    assert_eq!(secret_problem("a b/+=", true), None);
    assert_eq!(secret_problem("ä", false), None);
    assert!(secret_problem("ä", true).is_some());
    for text in ["a\nb", "a\tb", "a\u{7f}", "a\0"] {
        assert!(secret_problem(text, false).is_some());
    }
}

#[test]
fn the_form_of_an_output_file_follows_from_its_name() {
    let format = |text| output_file(text, &|_| false).map(|file| file.format);
    assert_eq!(format("out.json"), Ok(OutputFormat::Json));
    assert_eq!(format("a b/OUT.JSON"), Ok(OutputFormat::Json));
    assert_eq!(format("build.env"), Ok(OutputFormat::Env));
    assert_eq!(format(".env"), Ok(OutputFormat::Env));
    assert_eq!(format("a.properties"), Ok(OutputFormat::Properties));
    assert_eq!(format("a.sh"), Ok(OutputFormat::Sh));
    assert_eq!(format("results/"), Ok(OutputFormat::Directory));
    assert_eq!(format("a.json/"), Ok(OutputFormat::Directory));
    let expected =
        "a .json, .env, .properties or .sh file, or a directory that exists or ends in /";
    for text in ["results", "a.txt", "json", "a.json.bak"] {
        assert_eq!(format(text), Err(expected.into()), "{text}");
    }
}

#[test]
fn an_existing_directory_is_an_output_directory() {
    let file = output_file("results", &|path| path == Path::new("results"));
    assert_eq!(
        file,
        Ok(OutputFile {
            path: PathBuf::from("results"),
            format: OutputFormat::Directory
        })
    );
}
