# shellcheck shell=bash
# One function for each check. Sourced by .ci/run, which runs each in a subshell of its own.

size_budget=2411724       # 2.3 MiB, static binary for Linux on x64
size_budget_arm64=1992294 # 1.9 MiB, the same on arm64
musl=x86_64-unknown-linux-musl
musl_arm64=aarch64-unknown-linux-musl
static_program=target/$musl/release/codearts-retry
static_program_arm64=target/$musl_arm64/release/codearts-retry

scripts() { git ls-files -co --exclude-standard -- .ci/run '*.sh'; }

check_test() {
    need_crates
    mkdir -p target/ci
    cargo test -p codearts-sandbox -p codearts-properties --locked 2>&1 | tee target/ci/test.log
    # The README's command.
    cargo test 2>&1 | tee -a target/ci/test.log
}

# Some systems keep namespaces from users; the machines of CI let that be turned off.
allow_namespaces() {
    if [ "$(id -u)" != 0 ] && [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
        sudo -n sysctl -q kernel.apparmor_restrict_unprivileged_userns=0
    fi
}

# Signals to process 1 of a PID namespace, as in a container.
check_process_1() {
    need_crates
    allow_namespaces
    cargo test --test e2e process_1 -- --ignored
}

# The files of outputs, read by real shells and by Java; `cargo test` alone does with what a machine has.
check_readers() {
    need_command bash bash dash dash busybox busybox-static javac default-jdk-headless
    need_crates
    CONFORMANCE_TOOLS=required cargo test --test conformance -- shells:: java::
}

check_fmt() {
    need_cargo_component rustfmt fmt
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
}

check_clippy() {
    need_cargo_component clippy clippy
    need_crates
    cargo clippy --locked --workspace --all-targets -- -D warnings
    need_fuzz_crates
    cargo clippy --locked --manifest-path fuzz/Cargo.toml -- -D warnings
}

check_docs() {
    need_crates
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items
}

check_deny() {
    need_crates
    need_cargo_tool deny
    cargo deny --offline --log-level error check bans licenses sources
    # The advisories live in a repository of their own, which not every machine reaches.
    if timeout 60 cargo deny fetch db > /dev/null 2>&1; then
        cargo deny --log-level error check advisories
    elif [ -n "${GITHUB_ACTIONS:-}" ]; then
        echo "the advisory database cannot be fetched" >&2
        return 1
    else
        echo "advisories SKIPPED: their database cannot be reached from this machine"
    fi
}

# Dependencies that are declared and not used, and crates that come along unnoticed.
check_linked() {
    need_command python3 python3
    need_crates
    need_cargo_tool machete
    cargo machete --with-metadata
    python3 .ci/lib/linked.py
}

# The share of the code that `cargo test` runs, without the code of the tests. Branches are counted by an option that the
# stable compiler has behind a switch.
check_coverage() {
    need_command python3 python3
    need_crates
    need_component llvm-tools
    need_cargo_tool llvm-cov
    mkdir -p target/ci
    export RUSTC_BOOTSTRAP=1
    # What an earlier run of other code left is not counted.
    cargo llvm-cov clean --profraw-only
    cargo llvm-cov --locked --branch --no-report > target/ci/coverage.log 2>&1 || {
        tail -n 60 target/ci/coverage.log
        return 1
    }
    quietly cargo llvm-cov report --branch --lcov --output-path target/ci/coverage.lcov
    python3 .ci/lib/coverage.py target/ci/coverage.lcov 95
}

check_workflows() {
    need_python_tools
    # Its log tells only that the shell of the last step of action.yml depends on the system.
    RUST_LOG=off zizmor --offline --no-progress --color never --pedantic action.yml .github
    jactionlint --oneline .github/workflows/*.yml
    check-jsonschema --builtin-schema vendor.github-actions action.yml
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml tests/*/workflows/*.yml
    check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
}

check_shell() {
    need_python_tools
    scripts | xargs shellcheck -x
    # The scripts inside action.yml: POSIX ones, as `sh` may be dash or BusyBox.
    python3 .ci/lib/step_scripts.py target/ci/step-scripts
    shellcheck -s sh target/ci/step-scripts/*.sh
}

check_spelling() {
    need_python_tools
    typos
}

within_size() { # program, budget in bytes
    awk -v size="$(stat -c %s "$1")" -v budget="$2" 'BEGIN {
        printf "%d bytes, %.2f MiB of %.2f MiB\n", size, size / 1048576, budget / 1048576; exit size > budget }' || {
        echo "over the size budget" >&2
        return 1
    }
}

# Seconds of every fuzz target; fuzz.yml runs them for longer.
check_fuzz() {
    need_crates
    need_fuzz_crates
    need_cargo_tool fuzz
    fuzz/run.sh 5
}

check_static() {
    need_command musl-gcc musl-tools file file
    need_target "$musl"
    need_crates
    release/build.sh "$musl"
    within_size "$static_program" "$size_budget"
    local kind links
    kind=$(file -b "$static_program")
    # ldd ends with 1 for a static program on some systems, so its words decide.
    links=$(ldd "$static_program" 2>&1) || true
    printf 'file: %s\nldd: %s\n' "$kind" "$links"
    grep -Eq 'static-pie linked|statically linked' <<< "$kind"
    grep -Eq 'statically linked|not a dynamic executable' <<< "$links"
    "$static_program" --version
}

# The program for arm64, run by an emulator: the image's architecture says nothing about whether it works.
check_arm64() {
    need_packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    need_command qemu-aarch64-static qemu-user-static file file curl curl
    need_target "$musl_arm64"
    need_crates
    release/build.sh "$musl_arm64"
    within_size "$static_program_arm64" "$size_budget_arm64"
    local kind
    kind=$(file -b "$static_program_arm64")
    echo "file: $kind"
    grep -Eq 'ARM aarch64.*(static-pie linked|statically linked)' <<< "$kind"
    cargo build --locked -p codearts-sandbox
    tests/container/emulated.sh qemu-aarch64-static "$static_program_arm64" target/debug/codearts-sandbox
}

# The same source gives the same bytes, wherever it is built.
check_reproducible() {
    need_command musl-gcc musl-tools git git
    need_target "$musl"
    need_crates
    release/reproduce.sh "$musl"
}

# Compiles for Windows, tests included; nothing runs.
check_windows() {
    need_command x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
    need_target x86_64-pc-windows-gnu
    need_crates
    cargo check --locked --workspace --all-targets --target x86_64-pc-windows-gnu
}

# The same for macOS.
check_macos() {
    need_zig
    need_target aarch64-apple-darwin
    need_crates
    ZIG_PYTHON=$PWD/target/ci/zig/bin/python CC_aarch64_apple_darwin=$PWD/.ci/lib/macos_cc.sh \
        cargo check --locked --workspace --all-targets --target aarch64-apple-darwin
}

check_demo() {
    need_crates
    cargo run --locked --example demo
}

# The budgets that do not depend on how busy the machine is; `cargo bench` alone measures the others too.
check_bench() {
    need_command musl-gcc musl-tools valgrind valgrind
    need_target "$musl"
    need_crates
    cargo bench --locked --bench budgets -- requests action wait lag instructions sizes
}

# action.yml as a runner would run it, with the static program.
check_action() {
    need_python_tools
    need_command git git busybox busybox-static dash dash
    [ -x "$static_program" ] || check_static
    need_command curl curl
    cargo build --locked -p codearts-sandbox
    # act copies a step's output while the step runs and has been seen to lose the last line of one that ended within
    # milliseconds. A case that needs that line may fail for it once; a real fault fails twice.
    run_action_suite || run_action_suite
}

run_action_suite() {
    ACT=target/ci/venv/bin/act PYTHON=target/ci/venv/bin/python \
        tests/action/run.sh "$static_program" target/debug/codearts-sandbox
}

# Both images, run as CI systems run them.
check_container() {
    need_python_tools
    hadolint Dockerfile
    need_packages busybox-static # the other package of BusyBox is not static
    need_command buildah buildah podman podman runc runc curl curl qemu-aarch64-static qemu-user-static \
        skopeo skopeo docker-registry docker-registry
    [ -x "$static_program" ] || check_static
    [ -x "$static_program_arm64" ] || check_arm64
    cargo build --locked -p codearts-sandbox
    as_root tests/container/run.sh "$static_program" target/debug/codearts-sandbox "$static_program_arm64"
}

# A release of the two programs that can be built here, and a user's workflow that runs it, where there is no network.
check_release() {
    need_python_tools
    need_command git git curl curl unshare util-linux busybox busybox-static
    need_crates
    [ -x "$static_program" ] || check_static
    [ -x "$static_program_arm64" ] || check_arm64
    cargo build --locked -p codearts-sandbox
    allow_namespaces
    # shellcheck disable=SC2016  # for the inner shell
    ACT=target/ci/venv/bin/act unshare --user --map-root-user --net \
        sh -c 'busybox ip link set lo up && exec tests/release/run.sh "$@"' sh \
        "$static_program" "$static_program_arm64" target/debug/codearts-sandbox
}

# The oldest toolchain that Cargo.toml promises.
check_msrv() {
    local msrv
    msrv=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    need_rustup
    quietly rustup toolchain install "$msrv" --profile minimal --no-self-update
    need_crates
    cargo "+$msrv" check --locked --workspace --all-targets
}
