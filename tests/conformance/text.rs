//! The log: what any system would obey in it is this program's own, whatever the service says.

use codearts_properties::log_text::texts;
use codearts_properties::readers::{self, obeyed};
use codearts_retry::ci::{CiSystem, Group};
use codearts_retry::secret::Secret;

use super::hostile::HOSTILE;
use super::values::{red, report};

const GROUP: Group = Group {
    number: 1,
    unix_seconds: 1_700_000_000,
};

#[test]
fn service_text_is_never_a_command_of_any_system() {
    for system in CiSystem::ALL {
        let own: Vec<_> = texts(system, "plain")
            .iter()
            .map(|text| obeyed(text))
            .collect();
        for hostile in HOSTILE.iter().filter(|text| !text.trim().is_empty()) {
            for (text, own) in texts(system, hostile).iter().zip(&own) {
                assert_eq!(&obeyed(text), own, "{system:?}: {text}");
                assert!(text.ends_with('\n'), "{system:?}: {text}");
            }
        }
    }
}

#[test]
fn what_is_said_of_a_red_step_reaches_the_reader_of_every_system() {
    for system in CiSystem::ALL {
        let mut outcome = red("the build of 50% [a]; it's broken");
        outcome.failed_jobs.clear();
        let annotation = report(&outcome).annotations().swap_remove(0);
        let text = system.reporter().annotation(&annotation);
        let shown = match system {
            CiSystem::Azure => readers::azure(&text).swap_remove(0).data,
            CiSystem::TeamCity => readers::teamcity(&text)[0].property("text").to_owned(),
            _ => text.replace("%25", "%"),
        };
        assert!(
            shown.contains("the build of 50% [a]; it's broken"),
            "{system:?}: {shown}"
        );
    }
}

#[test]
fn errors_and_warnings_stand_out_where_the_system_can_show_them() {
    let own = |system, place: usize| obeyed(&texts(system, "plain")[place]);
    for (system, warning, error) in [
        (CiSystem::GitHub, "::warning", "::error"),
        (CiSystem::Azure, "task.logissue", "task.logissue"),
        (CiSystem::TeamCity, "message", "message"),
    ] {
        assert_eq!(own(system, 1), [warning]);
        assert_eq!(own(system, 6), [error]);
    }
    assert_eq!(own(CiSystem::Buildkite, 6), ["^^^"]);
}

#[test]
fn every_group_that_is_opened_is_closed() {
    for (system, open, close) in [
        (CiSystem::GitHub, "::group", "::endgroup"),
        (CiSystem::GitLab, "section_start", "section_end"),
        (CiSystem::Azure, "##[group", "##[endgroup"),
        (CiSystem::TeamCity, "blockOpened", "blockClosed"),
    ] {
        let reporter = system.reporter();
        assert_eq!(obeyed(&reporter.begin_group(GROUP, "a")), [open]);
        assert_eq!(obeyed(&reporter.end_group(GROUP)), [close]);
    }
}

#[test]
fn a_mask_holds_the_secret_and_its_lines_and_no_other_system_prints_it() {
    for secret in ["hunter2", "50%;]\nsecond|'line\r\n  third", "##vso[x]"] {
        for system in CiSystem::ALL {
            let text = system.reporter().mask(&Secret::new(secret));
            match system {
                CiSystem::Forgejo | CiSystem::Gitea | CiSystem::GitHub => {
                    assert!(text.contains("add-mask"));
                }
                CiSystem::Azure => {
                    let masks: Vec<_> = readers::azure(&text)
                        .into_iter()
                        .map(|command| {
                            assert_eq!(command.name, "task.setsecret");
                            command.data
                        })
                        .collect();
                    assert_eq!(masks[0], secret);
                    for line in secret.lines() {
                        assert!(masks.iter().any(|mask| mask == line.trim()), "{line}");
                    }
                }
                _ => assert_eq!(text, "", "{system:?}"),
            }
        }
    }
}
