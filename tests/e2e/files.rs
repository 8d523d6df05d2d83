//! Outputs that the disk does not take.

use std::process::Command;
use std::time::Instant;

use codearts_sandbox::Sandbox;

use crate::support::Step;

/// The most that any file of the step may hold, in bytes: 16 blocks of `ulimit`.
const MOST: usize = 8192;

#[test]
fn outputs_that_fit_only_half_leave_the_ci_file_as_it_was_and_the_step_red() {
    let sandbox = Sandbox::start();
    let step = Step::new(&sandbox);
    let earlier = format!("earlier<<end\n{}\nend\n", "x".repeat(MOST - 300));
    std::fs::write(step.output_file(), &earlier).unwrap();
    let program = step.command();
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"])
        .arg(program.get_program())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        // What a coverage run would write is larger.
        .env("LLVM_PROFILE_FILE", "/dev/null");
    let file = step.output_file();
    let started = Instant::now();
    let output = limited.output().unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), earlier);
    let ended = step.ended(&output, started.elapsed());
    assert_eq!(ended.code, 10, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("The retry itself has been sent"),
        "{}",
        ended.stdout
    );
}
