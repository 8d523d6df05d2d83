# shellcheck shell=bash
# What the checks need from outside, installed on first use. Sourced by .ci/run.

# A caller's settings must not move the artefacts or change what is built.
unset CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTFLAGS RUSTDOCFLAGS
export CARGO_TARGET_DIR=$PWD/target
export CARGO_TERM_COLOR=never PIP_DISABLE_PIP_VERSION_CHECK=1 DEBIAN_FRONTEND=noninteractive
export PATH="$PWD/target/ci/venv/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

declare -A cargo_tools=([deny]=0.20.2 [fuzz]=0.13.2 [llvm-cov]=0.9.1 [machete]=0.9.2)

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

need_python_tools() { need_venv target/ci/venv requirements; }

need_zig() { need_venv target/ci/zig zig; }

# need_venv DIRECTORY NAME: a Python environment with the packages of .ci/NAME.txt
need_venv() {
    local stamp=$1/installed
    if [ -e "$stamp" ] && cmp -s ".ci/$2.txt" "$stamp"; then return 0; fi
    need_command python3 python3
    python3 -c 'import ensurepip' 2> /dev/null || install_packages python3-venv
    echo "installing the Python packages of .ci/$2.in"
    rm -rf "$1"
    hash -r # the shell remembers where python3 was
    quietly python3 -m venv "$1"
    quietly "$1/bin/pip" install --require-hashes -r ".ci/$2.txt"
    cp ".ci/$2.txt" "$stamp"
}

# Not installed here: how it gets onto a machine is its owner's business.
need_rustup() {
    command -v rustup > /dev/null || {
        echo "rustup is missing: install it (https://rustup.rs, or the package rustup where there is one) and run this again" >&2
        return 1
    }
    # The package brings it without a toolchain.
    rustup show active-toolchain > /dev/null 2>&1 || {
        echo "installing the stable Rust toolchain"
        quietly rustup toolchain install stable --profile minimal --no-self-update
        rustup show active-toolchain > /dev/null 2>&1 || quietly rustup default stable
    }
}

need_cargo() {
    cargo --version > /dev/null 2>&1 || need_rustup
}

need_target() {
    need_rustup
    rustup target list --installed | grep -qx "$1" || {
        echo "installing the Rust target $1"
        quietly rustup target add "$1"
    }
}

need_component() {
    need_rustup
    rustup component list --installed | grep -q "^$1\(-\|$\)" || {
        echo "installing the Rust component $1"
        quietly rustup component add "$1"
    }
}

# need_cargo_component NAME COMMAND, what cargo calls it: not every Rust is rustup's
need_cargo_component() {
    need_cargo
    cargo "$2" --version > /dev/null 2>&1 || need_component "$1"
}

# need_cargo_tool NAME, for `cargo NAME`
need_cargo_tool() {
    need_cargo
    need_command cc gcc
    cargo "$1" --version > /dev/null 2>&1 || {
        echo "installing cargo-$1 ${cargo_tools[$1]} (minutes, once per machine)"
        quietly cargo install "cargo-$1" --locked --version "${cargo_tools[$1]}"
    }
}

# Fetched apart, so that the checks themselves print no download.
need_crates() {
    need_cargo
    need_command cc gcc
    quietly cargo fetch --locked
}

# The same for the fuzz targets; their engine is written in C++.
need_fuzz_crates() {
    need_command c++ g++
    quietly cargo fetch --locked --manifest-path fuzz/Cargo.toml
}
