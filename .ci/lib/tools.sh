# shellcheck shell=bash
# What the checks need from outside, installed on first use. Sourced by .ci/run.

# A caller's settings must not move the artefacts or change what is built.
unset CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTFLAGS RUSTDOCFLAGS
export CARGO_TARGET_DIR=$PWD/target
export CARGO_TERM_COLOR=never PIP_DISABLE_PIP_VERSION_CHECK=1 DEBIAN_FRONTEND=noninteractive
export PATH="$PWD/target/ci/venv/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

cargo_deny_version=0.20.2
cargo_fuzz_version=0.13.2

# Runs an installer without its chatter. On failure its last lines are shown, without the addresses it spoke to.
quietly() {
    local log=target/ci/install.log status=0
    mkdir -p target/ci
    "$@" > "$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        echo "failed: $1 (exit $status)" >&2
        tail -n 30 "$log" | sed -E 's#[a-z+]+://[^[:space:]]+#(address)#g; s#([a-z0-9-]+\.)+(org|io|com|net)\b#(host)#g' >&2
    fi
    return "$status"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_updated=target/ci/apt-updated
install_packages() {
    command -v apt-get > /dev/null || { echo "needed here: $* (names of Debian packages)" >&2; return 1; }
    echo "installing $*"
    if [ ! -e "$apt_updated" ]; then
        quietly as_root apt-get update -q
        touch "$apt_updated"
    fi
    quietly as_root apt-get install -q -y --no-install-recommends "$@"
}

# need_command COMMAND PACKAGE [COMMAND PACKAGE]…
need_command() {
    local packages=()
    while [ $# -gt 0 ]; do
        command -v "$1" > /dev/null || packages+=("$2")
        shift 2
    done
    [ "${#packages[@]}" -eq 0 ] || install_packages "${packages[@]}"
}

# need_packages PACKAGE…, where no command tells whether they are there; elsewhere than on Debian they are taken as given
need_packages() {
    command -v dpkg > /dev/null || return 0
    local package missing=()
    for package in "$@"; do
        dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

need_python_tools() {
    local stamp=target/ci/venv/installed
    if [ -e "$stamp" ] && cmp -s .ci/requirements.txt "$stamp"; then return 0; fi
    need_command python3 python3
    python3 -c 'import ensurepip' 2> /dev/null || install_packages python3-venv
    echo "installing the Python tools of .ci/requirements.in"
    rm -rf target/ci/venv
    hash -r # the shell remembers where python3 was
    quietly python3 -m venv target/ci/venv
    quietly target/ci/venv/bin/pip install --require-hashes -r .ci/requirements.txt
    cp .ci/requirements.txt "$stamp"
}

need_target() {
    rustup target list --installed | grep -qx "$1" || {
        echo "installing the Rust target $1"
        quietly rustup target add "$1"
    }
}

need_cargo_deny() {
    cargo deny --version > /dev/null 2>&1 || {
        echo "installing cargo-deny $cargo_deny_version (minutes, once per machine)"
        quietly cargo install cargo-deny --locked --version "$cargo_deny_version"
    }
}

need_cargo_fuzz() {
    cargo fuzz --version > /dev/null 2>&1 || {
        echo "installing cargo-fuzz $cargo_fuzz_version (minutes, once per machine)"
        quietly cargo install cargo-fuzz --locked --version "$cargo_fuzz_version"
    }
}

# Fetched apart, so that the checks themselves print no download.
need_crates() {
    need_command cc gcc
    quietly cargo fetch --locked
}

# The same for the fuzz targets; their engine is written in C++.
need_fuzz_crates() {
    need_command c++ g++
    quietly cargo fetch --locked --manifest-path fuzz/Cargo.toml
}
