use std::path::PathBuf;

use super::*;

const NOT_FOUND: fn(&Path) -> io::Result<String> = |_| Err(io::ErrorKind::NotFound.into());

fn key(ak: &str, sk: &str, token: Option<&str>) -> Origin {
    Origin::Given(Credentials::AccessKey {
        access_key_id: Secret::new(ak),
        secret_access_key: Secret::new(sk),
        security_token: token.map(Secret::new),
    })
}

fn words(result: Result<Resolved, Vec<InputError>>) -> Vec<String> {
    let errors = result.expect_err("credentials that are wrong");
    errors.iter().map(ToString::to_string).collect()
}

fn by_inputs(inputs: &CredentialInputs) -> Result<Resolved, Vec<InputError>> {
    // Whatever the environment holds, explicit inputs decide.
    let env = Env::from_pairs([("HW_ACCESS_KEY", "a"), ("HW_SECRET_KEY", "s")]);
    resolve_with(inputs, &env, &NOT_FOUND)
}

fn by_environment(pairs: &[(&str, &str)]) -> Result<Resolved, Vec<InputError>> {
    resolve_with(
        &CredentialInputs::default(),
        &Env::from_pairs(pairs.iter().copied()),
        &NOT_FOUND,
    )
}

fn by_file(text: &str) -> Result<Resolved, Vec<InputError>> {
    let env = Env::from_pairs([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/p")]);
    resolve_with(&CredentialInputs::default(), &env, &|_| Ok(text.to_owned()))
}

#[test]
fn a_token_is_a_way() {
    let found = by_inputs(&CredentialInputs {
        auth_token: Some(Secret::new("t")),
        oidc_audience: Some("x".to_owned()),
        ..CredentialInputs::default()
    })
    .expect("one way");
    assert_eq!(
        found.origin,
        Origin::Given(Credentials::Token(Secret::new("t")))
    );
    assert_eq!(found.source, "inputs auth_token");
    assert_eq!(found.secrets, [Secret::new("t")]);
    assert!(found.warnings.is_empty());
}

#[test]
fn a_key_pair_is_a_way_with_a_security_token_or_without() {
    let mut inputs = CredentialInputs {
        access_key_id: Some(Secret::new("a")),
        secret_access_key: Some(Secret::new("s")),
        ..CredentialInputs::default()
    };
    let found = by_inputs(&inputs).expect("one way");
    assert_eq!(found.origin, key("a", "s", None));
    assert_eq!(found.source, "inputs access_key_id, secret_access_key");
    inputs.security_token = Some(Secret::new("t"));
    let found = by_inputs(&inputs).expect("one way");
    assert_eq!(found.origin, key("a", "s", Some("t")));
    assert_eq!(found.secrets.len(), 3);
}

#[test]
fn two_ways_are_an_error_that_names_both() {
    let inputs = CredentialInputs {
        auth_token: Some(Secret::new("t")),
        access_key_id: Some(Secret::new("a")),
        ecs_metadata: true,
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        [
            "credentials are given in more than one way: by `auth_token`; by `access_key_id`; by `ecs_metadata`: keep one way"
        ]
    );
}

#[test]
fn half_a_way_is_an_error_that_names_what_is_missing() {
    let inputs = CredentialInputs {
        access_key_id: Some(Secret::new("a")),
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        ["`access_key_id` is not enough for credentials: `secret_access_key` is missing"]
    );
    let inputs = CredentialInputs {
        iam_domain_name: Some("d".to_owned()),
        iam_password: Some(Secret::new("p")),
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        [
            "`iam_domain_name` and `iam_password` are not enough for credentials: `iam_user_name` is missing"
        ]
    );
}

#[test]
fn what_only_goes_with_a_way_is_not_one() {
    let inputs = CredentialInputs {
        security_token: Some(Secret::new("t")),
        iam_project_name: Some("p".to_owned()),
        oidc_id_token: Some(Secret::new("i")),
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        [
            "`security_token` is not enough for credentials: `access_key_id` and `secret_access_key` are missing",
            "`iam_project_name` is not enough for credentials: `iam_domain_name`, `iam_user_name` and `iam_password` are missing",
            "`oidc_id_token` is not enough for credentials: `oidc_provider_urn` and `oidc_agency_urn` are missing",
        ]
    );
}

#[test]
fn part_of_another_way_is_an_error() {
    let inputs = CredentialInputs {
        auth_token: Some(Secret::new("t")),
        security_token: Some(Secret::new("s")),
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        ["`security_token` is not used with `auth_token`: leave it out"]
    );
}

#[test]
fn two_id_tokens_are_one_too_many() {
    let inputs = CredentialInputs {
        oidc_idp_id: Some("i".to_owned()),
        oidc_id_token: Some(Secret::new("t")),
        oidc_id_token_file: Some(PathBuf::from("f")),
        ..CredentialInputs::default()
    };
    assert_eq!(
        words(by_inputs(&inputs)),
        ["`oidc_id_token_file` is not used with `oidc_id_token`: leave it out"]
    );
}

/// What GitHub gives a job that may ask for ID tokens.
const GITHUB: [(&str, &str); 2] = [
    (
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "https://github.example/x?y=z",
    ),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hush"),
];

fn from_github(audience: Option<&str>) -> IdTokenOrigin {
    IdTokenOrigin::GitHub {
        request_url: "https://github.example/x?y=z".to_owned(),
        request_token: Secret::new("hush"),
        audience: audience.map(str::to_owned),
    }
}

fn on_github(inputs: &CredentialInputs) -> Result<Resolved, Vec<InputError>> {
    resolve_with(inputs, &Env::from_pairs(GITHUB), &NOT_FOUND)
}

#[test]
fn each_issued_way_is_found_with_what_it_needs_and_named_by_its_inputs() {
    let text = |text: &str| Some(text.to_owned());
    let table = [
        (
            CredentialInputs {
                iam_domain_name: text("d"),
                iam_user_name: text("u"),
                iam_password: Some(Secret::new("p")),
                iam_project_name: text("n"),
                ..CredentialInputs::default()
            },
            Origin::Password {
                domain_name: "d".to_owned(),
                user_name: "u".to_owned(),
                password: Secret::new("p"),
                project_name: text("n"),
            },
            "inputs iam_domain_name, iam_user_name, iam_password, iam_project_name",
            1,
        ),
        (
            CredentialInputs {
                oidc_provider_urn: text("p"),
                oidc_agency_urn: text("a"),
                oidc_audience: text("me"),
                ..CredentialInputs::default()
            },
            Origin::AssumedAgency {
                provider_urn: "p".to_owned(),
                agency_urn: "a".to_owned(),
                id_token: from_github(Some("me")),
                session: Session::default(),
            },
            "inputs oidc_provider_urn, oidc_agency_urn",
            1,
        ),
        (
            CredentialInputs {
                oidc_idp_id: text("i"),
                oidc_id_token: Some(Secret::new("t")),
                ..CredentialInputs::default()
            },
            Origin::ExchangedIdToken {
                idp_id: "i".to_owned(),
                id_token: IdTokenOrigin::Given(Secret::new("t")),
                project_name: None,
            },
            "inputs oidc_idp_id, oidc_id_token",
            1,
        ),
        (
            CredentialInputs {
                oidc_idp_id: text("i"),
                oidc_id_token_file: Some(PathBuf::from("f")),
                ..CredentialInputs::default()
            },
            Origin::ExchangedIdToken {
                idp_id: "i".to_owned(),
                id_token: IdTokenOrigin::File {
                    path: PathBuf::from("f"),
                    place: "`oidc_id_token_file`".to_owned(),
                },
                project_name: None,
            },
            "inputs oidc_idp_id, oidc_id_token_file",
            0,
        ),
        (
            CredentialInputs {
                ecs_metadata: true,
                ..CredentialInputs::default()
            },
            Origin::Metadata,
            "inputs ecs_metadata",
            0,
        ),
    ];
    for (inputs, origin, source, secrets) in table {
        let found = on_github(&inputs).expect("one way");
        assert_eq!(found.origin, origin);
        assert_eq!(found.source, source);
        assert_eq!(found.secrets.len(), secrets, "{source}");
    }
}

#[test]
fn a_keyless_way_without_an_id_token_names_the_permission_and_the_other_inputs() {
    for inputs in [
        CredentialInputs {
            oidc_provider_urn: Some("p".to_owned()),
            oidc_agency_urn: Some("a".to_owned()),
            ..CredentialInputs::default()
        },
        CredentialInputs {
            oidc_idp_id: Some("i".to_owned()),
            ..CredentialInputs::default()
        },
    ] {
        assert_eq!(
            words(by_inputs(&inputs)),
            [
                "no ID token for the keyless way: on GitHub give the job `permissions: id-token: write`, elsewhere give \
                 `oidc_id_token` or `oidc_id_token_file`"
            ]
        );
    }
}

#[test]
fn families_are_tried_in_order() {
    let families = [
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"),
        (
            "HUAWEI_CLOUD_ACCESS_KEY_ID",
            "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
        ),
        ("CLOUD_SDK_AK", "CLOUD_SDK_SK"),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY"),
    ];
    for first in 0..families.len() {
        let pairs: Vec<_> = families[first..]
            .iter()
            .flat_map(|(ak, sk)| [(*ak, *ak), (*sk, *sk)])
            .collect();
        let found = by_environment(&pairs).expect("a family");
        let (ak, sk) = families[first];
        assert_eq!(found.origin, key(ak, sk, None));
        assert_eq!(found.source, format!("{ak}, {sk}"));
    }
}

#[test]
fn a_family_may_have_a_security_token() {
    for (ak, sk, token) in [
        (
            "HUAWEICLOUD_SDK_AK",
            "HUAWEICLOUD_SDK_SK",
            "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        ),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
    ] {
        let found = by_environment(&[(ak, "a"), (sk, "s"), (token, "t")]).expect("a family");
        assert_eq!(found.origin, key("a", "s", Some("t")));
        assert_eq!(found.source, format!("{ak}, {sk}, {token}"));
    }
}

#[test]
fn half_a_family_is_passed_over_with_a_warning() {
    let found = by_environment(&[
        ("HUAWEICLOUD_SDK_AK", "a"),
        ("CLOUD_SDK_SK", " "),
        ("HW_ACCESS_KEY", "a"),
        ("HW_SECRET_KEY", "s"),
    ])
    .expect("a whole family");
    assert_eq!(found.source, "HW_ACCESS_KEY, HW_SECRET_KEY");
    assert_eq!(
        found.warnings,
        [
            "while looking for credentials, passed over HUAWEICLOUD_SDK_AK without HUAWEICLOUD_SDK_SK"
        ]
    );
}

#[test]
fn an_identity_provider_wins_over_keys_which_win_over_an_agency() {
    let keys = [("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s")];
    let provider = [
        ("HUAWEICLOUD_SDK_IDP_ID", "i"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/f"),
    ];
    let agency = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "t"),
    ];
    let all: Vec<_> = agency.into_iter().chain(keys).chain(provider).collect();
    let found = by_environment(&all).expect("a family");
    assert_eq!(
        found.origin,
        Origin::ExchangedIdToken {
            idp_id: "i".to_owned(),
            id_token: IdTokenOrigin::File {
                path: PathBuf::from("/f"),
                place: "HUAWEICLOUD_SDK_ID_TOKEN_FILE".to_owned(),
            },
            project_name: None,
        }
    );
    assert_eq!(
        found.source,
        "HUAWEICLOUD_SDK_IDP_ID, HUAWEICLOUD_SDK_ID_TOKEN_FILE"
    );
    let found = by_environment(&all[..5]).expect("a family");
    assert_eq!(found.origin, key("a", "s", None));
    let found = by_environment(&agency).expect("a family");
    assert_eq!(
        found.origin,
        Origin::AssumedAgency {
            provider_urn: "p".to_owned(),
            agency_urn: "a".to_owned(),
            id_token: IdTokenOrigin::Given(Secret::new("t")),
            session: Session::default(),
        }
    );
    assert_eq!(found.secrets, [Secret::new("t")]);
}

#[test]
fn an_agency_in_the_environment_takes_the_sdks_other_variables_too() {
    let mut pairs = vec![
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", "/f"),
        ("HUAWEICLOUD_OIDC_SESSION_NAME", "me"),
        ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "900"),
        ("HUAWEICLOUD_OIDC_POLICY", "{}"),
        ("HUAWEICLOUD_OIDC_POLICY_IDS", "x, y,"),
    ];
    let found = by_environment(&pairs).expect("a family");
    assert_eq!(
        found.origin,
        Origin::AssumedAgency {
            provider_urn: "p".to_owned(),
            agency_urn: "a".to_owned(),
            id_token: IdTokenOrigin::File {
                path: PathBuf::from("/f"),
                place: "HUAWEICLOUD_OIDC_TOKEN_FILE".to_owned(),
            },
            session: Session {
                name: Some("me".to_owned()),
                duration_seconds: Some(900),
                policy: Some("{}".to_owned()),
                policy_ids: vec!["x".to_owned(), "y".to_owned()],
            },
        }
    );
    pairs[4].1 = "soon";
    assert_eq!(
        words(by_environment(&pairs)),
        ["HUAWEICLOUD_OIDC_DURATION_SECONDS must be a number of seconds"]
    );
}

#[test]
fn an_agency_in_the_environment_takes_githubs_id_token_where_no_other_is_set() {
    let agency = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
    ];
    let pairs: Vec<_> = agency.into_iter().chain(GITHUB).collect();
    let inputs = CredentialInputs {
        oidc_audience: Some("me".to_owned()),
        ..CredentialInputs::default()
    };
    let found = resolve_with(&inputs, &Env::from_pairs(pairs), &NOT_FOUND).expect("a family");
    assert!(
        matches!(&found.origin, Origin::AssumedAgency { id_token, .. } if *id_token == from_github(Some("me"))),
        "{found:?}"
    );
    assert!(words(by_environment(&agency))[0].contains("id-token: write"));
}

#[test]
fn a_variable_with_a_line_break_in_it_is_named_and_not_shown() {
    assert_eq!(
        words(by_environment(&[
            ("HW_ACCESS_KEY", "a"),
            ("HW_SECRET_KEY", "hush\nhush")
        ])),
        [
            "HW_SECRET_KEY must be one line without control characters: copy it again, without line breaks"
        ]
    );
}

#[test]
fn a_token_with_a_line_break_in_it_is_named_before_it_is_sent_anywhere() {
    let agency = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
    ];
    let [url, _] = GITHUB;
    for (token, beside) in [
        ("HUAWEICLOUD_OIDC_ID_TOKEN", None),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", Some(url)),
    ] {
        let pairs: Vec<_> = agency
            .into_iter()
            .chain(beside)
            .chain([(token, "hush\nhush")])
            .collect();
        assert_eq!(
            words(by_environment(&pairs)),
            [format!(
                "{token} must be one line without control characters: copy it again, without line breaks"
            )]
        );
    }
}

#[test]
fn no_credentials_at_all_lists_the_ways_and_what_was_passed_over() {
    let lines = words(by_environment(&[("HW_SECURITY_TOKEN", "t")]));
    let [line] = &lines[..] else {
        panic!("one line: {lines:?}");
    };
    for way in [
        "`auth_token`",
        "`access_key_id`",
        "HUAWEICLOUD_SDK_AK",
        "CLOUD_SDK_AK",
        "HW_ACCESS_KEY",
        "profile file",
    ] {
        assert!(line.contains(way), "{line}");
    }
    assert!(
        line.ends_with("; passed over: HW_SECURITY_TOKEN without HW_ACCESS_KEY, HW_SECRET_KEY"),
        "{line}"
    );
    assert!(!words(by_environment(&[]))[0].contains("passed over"));
}

#[test]
fn every_secret_of_the_environment_is_found_for_masking() {
    let env = Env::from_pairs([
        ("HUAWEICLOUD_SDK_AK", "1"),
        ("HW_SECURITY_TOKEN", "2"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "3"),
        ("HUAWEICLOUD_SDK_IDP_ID", "public"),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", "public"),
    ]);
    let secrets: Vec<_> = secrets_in(&env)
        .iter()
        .map(|s| s.expose().to_owned())
        .collect();
    assert_eq!(secrets, ["1", "2", "3"]);
}

#[test]
fn a_profile_gives_keys() {
    let found = by_file("[basic]\nak = a\nsk = s\nsecurity_token = t\n").expect("a profile");
    assert_eq!(found.origin, key("a", "s", Some("t")));
    assert_eq!(found.source, "profile file /p");
}

#[test]
fn a_profile_may_be_written_in_many_ways() {
    let found = by_file(
        "\u{feff}# me\r\n; [global]\r\n[ Basic ]\r\n AK: a=b \r\nsk=s#;\r\nsk_old\r\nproject_id = p\r\n",
    );
    assert_eq!(found.expect("a profile").origin, key("a=b", "s#;", None));
}

#[test]
fn the_basic_section_comes_before_the_global_one() {
    let both = "[global]\nak=ga\nsk=gs\n[other]\nak=oa\nsk=os\n[basic]\nak=a\nsk=s\n";
    assert_eq!(
        by_file(both).expect("a profile").origin,
        key("a", "s", None)
    );
    let global = "ak=xa\nsk=xs\n[basic]\nproject_id=p\n[global]\nak=ga\nsk=gs\n";
    assert_eq!(
        by_file(global).expect("a profile").origin,
        key("ga", "gs", None)
    );
}

#[test]
fn an_identity_provider_in_a_profile_wins_over_its_keys() {
    let found = by_file("[basic]\nak=a\nsk=s\nidp_id=i\nid_token_file=/f\n").expect("a profile");
    assert_eq!(
        found.origin,
        Origin::ExchangedIdToken {
            idp_id: "i".to_owned(),
            id_token: IdTokenOrigin::File {
                path: PathBuf::from("/f"),
                place: "id_token_file in the profile file /p".to_owned(),
            },
            project_name: None,
        }
    );
    assert_eq!(found.source, "profile file /p");
}

#[test]
fn an_id_token_file_is_read_without_the_blanks_around_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("id-token");
    std::fs::write(&path, "\n a.b.c \n").expect("a file");
    assert_eq!(read_id_token(&path), Ok(Secret::new("a.b.c")));
    for (content, problem) in [
        (" \n", "an empty file"),
        ("a\nb", "one line"),
        ("ä", "ASCII"),
    ] {
        std::fs::write(&path, content).expect("a file");
        let error = read_id_token(&path).expect_err("no token");
        assert!(error.contains(problem), "{error}");
    }
    let error = read_id_token(directory.path()).expect_err("no file");
    assert!(error.contains("cannot be read"), "{error}");
}

#[test]
fn a_profile_without_a_pair_is_passed_over() {
    for text in [
        "",
        "[basic]\nak=a\n",
        "[basic]\nak=\nsk=s",
        "[basic",
        "\u{0}\u{1}",
        "[other]\nak=a\nsk=s",
    ] {
        let lines = words(by_file(text));
        assert!(
            lines[0].ends_with(
                "passed over: profile file /p, which has neither `ak` and `sk` nor `idp_id` and `id_token_file` in [basic] or [global]"
            ),
            "{lines:?}"
        );
    }
}

#[test]
fn a_control_character_in_a_profile_is_named_by_its_entry() {
    assert_eq!(
        words(by_file("[basic]\nak=a\tb\nsk=s\n")),
        [
            "ak in the profile file /p must be one line without control characters: copy it again, without line breaks"
        ]
    );
}

#[test]
fn a_named_profile_must_be_readable() {
    let env = Env::from_pairs([
        ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/p\n"),
        ("HOME", "/home/me"),
    ]);
    let lines = words(resolve_with(&CredentialInputs::default(), &env, &NOT_FOUND));
    assert!(
        lines[0].starts_with(
            "HUAWEICLOUD_SDK_CREDENTIALS_FILE names a profile file /p\\n that cannot be read: "
        ),
        "{lines:?}"
    );
}

#[test]
fn the_default_profile_need_not_be_there() {
    let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    let env = Env::from_pairs([
        (home, "/home/me"),
        ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", " "),
    ]);
    let inputs = CredentialInputs::default();
    let absent = words(resolve_with(&inputs, &env, &NOT_FOUND));
    assert!(!absent[0].contains("passed over"), "{absent:?}");
    let unreadable = words(resolve_with(&inputs, &env, &|_| {
        Err(io::ErrorKind::PermissionDenied.into())
    }));
    assert!(
        unreadable[0].contains("passed over: profile file /home/me"),
        "{unreadable:?}"
    );
    let found = resolve_with(&inputs, &env, &|path| {
        assert_eq!(
            path,
            Path::new("/home/me")
                .join(".huaweicloud")
                .join("credentials")
        );
        Ok("[basic]\nak=a\nsk=s".to_owned())
    });
    assert_eq!(found.expect("a profile").origin, key("a", "s", None));
}

#[test]
fn a_file_is_read_up_to_a_limit_and_whatever_its_bytes() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("credentials");
    std::fs::write(&path, b"[basic]\nx=\xff\nak=a\nsk=s\n").expect("a file");
    let text = profile::read_file(&path, profile::LONGEST_FILE).expect("a readable file");
    assert!(text.ends_with("ak=a\nsk=s\n"));
    std::fs::write(&path, vec![b'x'; 1024 * 1024 + 1]).expect("a file");
    assert!(profile::read_file(&path, profile::LONGEST_FILE).is_err());
    assert!(profile::read_file(directory.path(), 1).is_err());
}

#[test]
fn debug_output_holds_no_value() {
    let found =
        by_environment(&[("HW_ACCESS_KEY", "hush"), ("HW_SECRET_KEY", "hush")]).expect("a family");
    assert!(!format!("{found:?}").contains("hush"));
}
