//! Which system a step is on.

use codearts_retry::ci::CiSystem;
use codearts_retry::env::Env;

/// What each runner sets, as far as it could be taken for another's, and what it is to be taken for.
const RUNNERS: &[(&[(&str, &str)], CiSystem)] = &[
    (
        &[
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITEA_ACTIONS", "true"),
            ("FORGEJO_ACTIONS", "true"),
        ],
        CiSystem::Forgejo,
    ),
    (
        &[
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITEA_ACTIONS", "true"),
        ],
        CiSystem::Gitea,
    ),
    (
        &[("CI", "true"), ("GITHUB_ACTIONS", "true")],
        CiSystem::GitHub,
    ),
    (
        &[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("ACT", "true")],
        CiSystem::GitHub,
    ),
    (&[("CI", "true"), ("GITLAB_CI", "true")], CiSystem::GitLab),
    (&[("TF_BUILD", "True")], CiSystem::Azure),
    (
        &[("CI", "true"), ("BUILDKITE", "true")],
        CiSystem::Buildkite,
    ),
    (
        &[("CI", "woodpecker"), ("DRONE_BUILD_NUMBER", "1")],
        CiSystem::Woodpecker,
    ),
    (&[("CI", "true"), ("DRONE", "true")], CiSystem::Drone),
    (&[("CI", "true"), ("CIRCLECI", "true")], CiSystem::CircleCi),
    (
        &[("CI", "true"), ("BITBUCKET_BUILD_NUMBER", "12")],
        CiSystem::Bitbucket,
    ),
    (
        &[("TEAMCITY_VERSION", "2025.11 (build 1)")],
        CiSystem::TeamCity,
    ),
    (
        &[("JENKINS_URL", "https://ci.example/"), ("BUILD_ID", "3")],
        CiSystem::Jenkins,
    ),
    (&[("CI", "true"), ("TRAVIS", "true")], CiSystem::Plain),
    (&[("ARGO_CONTAINER_NAME", "main")], CiSystem::Plain),
    (&[], CiSystem::Plain),
];

#[test]
fn every_runner_is_known_by_its_own_variables() {
    for (variables, system) in RUNNERS {
        let env = Env::from_pairs(variables.iter().copied());
        assert_eq!(CiSystem::detect(&env), *system, "{variables:?}");
    }
    for system in CiSystem::ALL {
        assert!(
            RUNNERS.iter().any(|(_, known)| *known == system),
            "{system:?}"
        );
    }
}

#[test]
fn a_step_that_passes_another_systems_variables_on_is_still_on_its_own() {
    // A runner of one system inside a job of another: the inner one, which is asked first, decides.
    for (outer, inner) in [
        (CiSystem::Jenkins, CiSystem::TeamCity),
        (CiSystem::GitLab, CiSystem::GitHub),
        (CiSystem::Drone, CiSystem::Buildkite),
    ] {
        let variables = [outer, inner].map(|system| {
            let marker = system.marker().unwrap();
            (marker.variable, marker.value.unwrap_or("1"))
        });
        assert_eq!(CiSystem::detect(&Env::from_pairs(variables)), inner);
    }
}

#[test]
fn the_markers_are_asked_in_the_order_of_the_table() {
    let markers: Vec<_> = CiSystem::ALL
        .iter()
        .filter_map(|system| Some(system.marker()?.variable))
        .collect();
    assert_eq!(
        markers,
        [
            "FORGEJO_ACTIONS",
            "GITEA_ACTIONS",
            "GITHUB_ACTIONS",
            "GITLAB_CI",
            "TF_BUILD",
            "BUILDKITE",
            "CI",
            "DRONE",
            "CIRCLECI",
            "BITBUCKET_BUILD_NUMBER",
            "TEAMCITY_VERSION",
            "JENKINS_URL",
        ]
    );
}
