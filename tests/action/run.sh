#!/usr/bin/env bash
# Runs action.yml as a runner would, with nektos/act on this machine, and reads the outputs back.
#
#   tests/action/run.sh [PROGRAM [SANDBOX]]
#
# Without arguments the wrapper alone is tested, with a stand-in for the program. PROGRAM, a build of the real one, runs
# behind the same action.yml as well; with SANDBOX, a build of the sandbox, so does the self-test workflow of this
# repository. ACT and PYTHON name act and a Python that has PyYAML.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
act=$(command -v "${ACT:-act}") || { echo "act is needed: set ACT to its path" >&2; exit 1; }
act=$(realpath "$act")
python=${PYTHON:-python3}
program=${1:+$(realpath "$1")}
sandbox=${2:+$(realpath "$2")}

case $(uname -sm) in
    'Linux x86_64') platform=linux-x64 ;;
    'Linux aarch64') platform=linux-arm64 ;;
    *) echo "this runs on Linux, on x64 or arm64" >&2; exit 1 ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# shellcheck source=tests/cases.sh
. "$root/tests/cases.sh"

begin() { case_name=$1; case_failed=0; }

# A tree as the action's own repository would be checked out: everything git would track, and one workflow.
fresh_tree() {
    rm -rf "$scratch/tree" "$scratch/results"
    mkdir -p "$scratch/tree" "$scratch/results"
    git -C "$root" ls-files -z --cached --others --exclude-standard -- . ':!bin' |
        tar -C "$root" --null --files-from=- --ignore-failed-read -cf - 2>/dev/null | tar -C "$scratch/tree" -xf -
    rm -rf "$scratch/tree/.github/workflows"
    mkdir -p "$scratch/tree/.github/workflows"
    cp "$1" "$scratch/tree/.github/workflows/"
    git -C "$scratch/tree" init -q -b main
}

place() { install -D -m 755 "$1" "$scratch/tree/bin/$platform/codearts-retry"; }

# The environment is empty but for what a runner sets, so that nothing of this machine decides a case.
run_act() {
    local path=$1; shift
    git -C "$scratch/tree" add -A
    git -C "$scratch/tree" -c user.name=test -c user.email=test@localhost commit -qm tree
    (
        cd "$scratch/tree"
        env -i PATH="$path" HOME="${HOME:-/root}" XDG_CACHE_HOME="$scratch/cache" "$act" push \
            -P ubuntu-latest=-self-hosted --container-daemon-socket - --env RESULTS="$scratch/results" "$@" \
            < /dev/null > "$scratch/log" 2>&1
    )
}

same() {
    if ! diff <(tr '\0' '\n' < "$1") "$2" > "$scratch/diff"; then
        complain "$3 differ from what was expected (< got, > expected):"
        sed 's/^/    /' "$scratch/diff"
    fi
}
logged() { grep -Fq -- "$1" "$scratch/log" || complain "the log does not say: $1"; }
not_logged() { ! grep -Fq -- "$1" "$scratch/log" || complain "the log says: $1"; }

output_names() { sed -n '/^outputs:/,/^runs:/s/^  \([a-z_]*\):$/\1/p' "$root/action.yml"; }
input_names() { sed -n '/^inputs:/,/^outputs:/s/^  \([a-z_]*\):$/\1/p' "$root/action.yml"; }

expected_outputs() { # exit code, step outcome
    local name success=false
    [ "$1" -ne 0 ] || success=true
    {
        printf 'OUT_step_outcome=%s\n\0' "$2"
        printf 'OUT_success=%s\n\0' "$success"
        for name in $(output_names); do
            [ "$name" = success ] || printf 'OUT_%s=value of %s\n%s=<<%s\n\0' "$name" "$name" "$name" "$1"
        done
    } | sort -z | tr -d '\0'
}

expected_given() {
    local name
    for name in $(input_names); do
        case $name in
            job_run_ids)
                # shellcheck disable=SC2016  # text that must arrive unexpanded
                printf 'INPUT_JOB_RUN_IDS=first line\n$(second) `line` "quoted" '"'quoted'"' \\\n\n\0' ;;
            *) printf 'INPUT_%s=given for %s\n\0' "${name^^}" "$name" ;;
        esac
    done | sort -z | tr -d '\0'
}

expected_defaults() {
    sed -n '/^inputs:/,/^outputs:/p' "$root/action.yml" | awk '
        function flush() { if (name) printf "INPUT_%s=%s\n", toupper(name), value }
        /^  [a-z_]+:$/ { flush(); name = substr($1, 1, length($1) - 1); value = "" }
        /^    default: / { value = $2; gsub(/\047/, "", value) }
        END { flush() }' |
        sed 's/^INPUT_PROJECT_ID=$/&p/; s/^INPUT_PIPELINE_ID=$/&q/; s/^INPUT_PIPELINE_RUN_ID=$/&r/' | sort
}

contract() { # exit code
    local status=0
    begin "exit $1: every input arrives verbatim, every output comes back"
    fresh_tree "$here/workflows/contract.yml"
    place "$here/stand_in.sh"
    run_act "$PATH" --env STAND_IN_EXIT="$1" --env STAND_IN_RECORD="$scratch/results/inputs" || status=$?
    [ "$status" -eq 0 ] || complain "act ended with $status"
    expected_given > "$scratch/expected"
    same "$scratch/results/inputs" "$scratch/expected" "the inputs"
    if [ "$1" -eq 0 ]; then expected_outputs 0 success; else expected_outputs "$1" failure; fi > "$scratch/expected"
    same "$scratch/results/outputs" "$scratch/expected" "the outputs"
    not_logged "building it with cargo"
    end
}

defaults() { # case, exit code of the stand-in, its mode, expected result of the job
    local status=0
    begin "$1"
    fresh_tree "$here/workflows/defaults.yml"
    place "$here/stand_in.sh"
    run_act "$PATH" --env STAND_IN_EXIT="$2" --env STAND_IN_MODE="$3" \
        --env STAND_IN_RECORD="$scratch/results/inputs" || status=$?
    expected_defaults > "$scratch/expected"
    same "$scratch/results/inputs" "$scratch/expected" "the inputs"
    case $4 in
        green) [ "$status" -eq 0 ] || complain "the job failed" ;;
        red) [ "$status" -ne 0 ] || complain "the job is green" ;;
    esac
}

# A crate of the same name without dependencies, so that the build takes a second and no network.
tiny_crate() {
    rm -rf "$scratch/tree"/{Cargo.toml,Cargo.lock,src,sandbox,tests,examples,benches,build.rs}
    mkdir -p "$scratch/tree/src"
    printf '[package]\nname = "codearts-retry"\nversion = "0.0.0"\nedition = "2021"\n' > "$scratch/tree/Cargo.toml"
    printf 'version = 4\n\n[[package]]\nname = "codearts-retry"\nversion = "0.0.0"\n' > "$scratch/tree/Cargo.lock"
    printf '/target\n' > "$scratch/tree/.gitignore"
    cat > "$scratch/tree/src/main.rs" <<'RUST'
use std::io::Write as _;
fn main() {
    let file = std::env::var_os("GITHUB_OUTPUT").expect("GITHUB_OUTPUT is set");
    let mut file = std::fs::OpenOptions::new().append(true).open(file).expect("the file opens");
    write!(file, "success=true\noutcome=built\n").expect("the file takes the outputs");
}
RUST
    # Fails the build, and the case, if the step that builds can see an input.
    cat > "$scratch/tree/build.rs" <<'RUST'
fn main() {
    let seen: Vec<_> = std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("INPUT_")).collect();
    assert!(seen.is_empty(), "inputs in the environment of the build: {seen:?}");
}
RUST
}

built() {
    local status=0
    begin "no program, but cargo: it says so, builds without seeing an input, and runs"
    fresh_tree "$here/workflows/contract.yml"
    tiny_crate
    run_act "$PATH" --env CARGO_TARGET_DIR=/nonexistent/elsewhere --env CARGO_BUILD_TARGET=no-such-target \
        --env RUSTFLAGS=--no-such-flag || status=$?
    [ "$status" -eq 0 ] || complain "act ended with $status"
    logged "no program for $platform in this tree"
    grep -zqx 'OUT_outcome=built' "$scratch/results/outputs" || complain "the built program's output did not come back"
    grep -zqx 'OUT_step_outcome=success' "$scratch/results/outputs" || complain "the step did not succeed"
    end
}

build_fails() {
    local status=0
    begin "no program, and a build that fails: red, with the way out"
    fresh_tree "$here/workflows/defaults.yml"
    tiny_crate
    echo 'fn main() { no_such_function() }' > "$scratch/tree/src/main.rs"
    run_act "$PATH" || status=$?
    [ "$status" -ne 0 ] || complain "the job is green"
    logged "the build failed; use a release tag"
    end
}

# What a runner without Rust has: the tools of its own and of the scripts, nothing else.
path_without_cargo() {
    local tool
    mkdir -p "$scratch/tools"
    for tool in sh bash env uname tr sed cat git sort grep; do
        ln -sf "$(command -v "$tool")" "$scratch/tools/$tool"
    done
    echo "$scratch/tools"
}

no_cargo() {
    local status=0
    begin "no program and no cargo: red, says what to do, the program's step is not reached"
    fresh_tree "$here/workflows/contract.yml"
    run_act "$(path_without_cargo)" || status=$?
    [ "$status" -eq 0 ] || complain "act ended with $status"
    logged "no program for $platform in this tree and no cargo to build it; use a release tag"
    grep -zqx 'OUT_step_outcome=failure' "$scratch/results/outputs" || complain "the step did not fail"
    grep -zqx 'OUT_success=' "$scratch/results/outputs" || complain "there is an output success"
    end
}

not_executable() {
    local status=0
    begin "a program that lost its mode: red, says why"
    fresh_tree "$here/workflows/defaults.yml"
    place "$here/stand_in.sh"
    chmod -x "$scratch/tree/bin/$platform/codearts-retry"
    run_act "$PATH" || status=$?
    [ "$status" -ne 0 ] || complain "the job is green"
    logged "is not executable"
    end
}

# No input of this workflow is valid, so the real program ends before it could reach a network.
real_program() {
    local status=0 line
    begin "the real program: exit 2 for bad inputs, outputs come back"
    fresh_tree "$here/workflows/contract.yml"
    place "$program"
    run_act "$PATH" || status=$?
    [ "$status" -eq 0 ] || complain "act ended with $status"
    logged "exit status 2"
    logged "project_id"
    for line in step_outcome=failure success=false outcome=invalid-input retried=false retries=0 attempts=0 \
        'failed_jobs=[]'; do
        grep -zFqx "OUT_$line" "$scratch/results/outputs" || complain "the outputs lack $line"
    done
    end
}

# The workflow that GitHub runs on every push, with its job for Linux.
self_test() {
    local status=0
    begin "the self-test workflow: accepted, 403, lost answer, a wait, a cancelled one and bad inputs against the sandbox"
    fresh_tree "$root/.github/workflows/action.yml"
    run_act "$PATH" --job self-test --matrix os:ubuntu-latest --env PROGRAM="$program" --env SANDBOX="$sandbox" || status=$?
    [ "$status" -eq 0 ] || complain "act ended with $status"
    logged "effects is 1"
    end
}

"$act" --version
contract 0
contract 6
defaults "defaults arrive as action.yml says; a program that succeeds is green" 0 answer green
end
defaults "a program that fails makes the job fail" 3 answer red
logged "exit status 3"
not_logged "did not report success"
end
defaults "a program that ends with 0 and reports nothing is red" 0 mute red
logged "exit status 10"
end
built
build_fails
no_cargo
not_executable

if [ -n "$program" ]; then real_program; fi
if [ -n "$sandbox" ]; then self_test; fi

if "$python" "$here/steps.py"; then
    passed=$((passed + 1)); echo "ok      the steps alone (steps.py)"
else
    failed=$((failed + 1)); echo "FAILED  the steps alone (steps.py)"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
