#!/bin/sh
# Builds the program as it is released: the same source, toolchain and target give the same bytes in any folder.
#
#   release/build.sh TARGET
#
# TARGET is a Rust target that is installed. The program's path is printed.
set -eu

target=$1
cd "$(dirname "$0")/.."
# Of Git's shell on Windows: the path as other programs know it.
here=$(pwd -W 2> /dev/null || pwd)
cargo_home=${CARGO_HOME:-${USERPROFILE:-$HOME}/.cargo}
sysroot=$(rustc --print sysroot)
target_dir=${CARGO_TARGET_DIR:-target}

# Folders appear in the texts of panics: each has one name wherever it is.
set -- "--remap-path-prefix=$here=codearts-retry" "--remap-path-prefix=$cargo_home=cargo" "--remap-path-prefix=$sysroot=rust"
suffix=
case $target in
    x86_64-*-linux-musl) set -- "$@" -C link-arg=-Trelease/static.ld -C link-arg=-Wl,--no-eh-frame-hdr ;;
    # Linked by rust-lld itself, without a compiler in front.
    aarch64-*-linux-musl) set -- "$@" -C link-arg=-Trelease/static.ld -C link-arg=--no-eh-frame-hdr ;;
    *-windows-msvc)
        # No redistributable needed, no time stamp, no path to symbols.
        set -- "$@" -C target-feature=+crt-static -C link-arg=/Brepro -C link-arg=/PDBALTPATH:%_PDB%
        suffix=.exe
        ;;
    *-windows-*) suffix=.exe ;;
esac

# Through a file: these add to the flags of .cargo/config.toml, while RUSTFLAGS would replace them.
mkdir -p "$target_dir"
{
    printf "[target.%s]\nrustflags = [\n" "$target"
    printf "    '%s',\n" "$@"
    printf ']\n'
} > "$target_dir/release-$target.toml"

# What C compilers put in for __DATE__.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
export SOURCE_DATE_EPOCH
unset CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTFLAGS CARGO_BUILD_RUSTFLAGS

cargo build --locked --release --target "$target" --bin codearts-retry --config "$target_dir/release-$target.toml" >&2
printf '%s\n' "$target_dir/$target/release/codearts-retry$suffix"
