//! The run that a sandbox holds when nothing else is configured.

use super::job::Job;
use super::model::Run;
use super::stage::Stage;
use super::step::Step;

impl Run {
    /// Source › checkout (4 s), Build › compile (8 s, fails with a message), Deploy › rollout (6 s); FAILED in Build.
    pub fn sample(id: impl Into<String>, number: u64) -> Self {
        Self::new(
            id,
            number,
            vec![
                Stage::new("Source").job(
                    Job::new("checkout").lasts_ms(4_000).step(
                        Step::new("clone", "official_devcloud_codeCheckout")
                            .log(["Cloning into 'demo'", "HEAD is now at 1a2b3c4"]),
                    ),
                ),
                Stage::new("Build").job(
                    Job::new("compile")
                        .lasts_ms(8_000)
                        .failure("compile failed: exit status 101")
                        .step(
                            Step::new("restore cache", "official_devcloud_cloudBuild")
                                .log(["cache restored"]),
                        )
                        .step(
                            Step::new("cargo build", "official_devcloud_cloudBuild")
                                .log(compiler_output()),
                        ),
                ),
                Stage::new("Deploy").job(
                    Job::new("rollout").lasts_ms(6_000).step(
                        Step::new("apply", "official_devcloud_deploy")
                            .log(["deployment.apps/demo configured"]),
                    ),
                ),
            ],
        )
    }
}

fn compiler_output() -> Vec<String> {
    let mut lines: Vec<String> = (1..=57)
        .map(|n| format!("   Compiling dependency-{n} v1.0.{n}"))
        .collect();
    lines.push("error[E0432]: unresolved import `crate::missing`".to_owned());
    lines.push("error: could not compile `demo` due to 1 previous error".to_owned());
    lines.push("exit status 101".to_owned());
    lines
}
