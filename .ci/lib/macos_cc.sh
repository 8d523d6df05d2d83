#!/usr/bin/env bash
# A C compiler for macOS on arm64, made of Zig's: the `cc` that the build scripts of crates call in .ci/run macos.
#
# Zig brings the system's headers, and reads the target in a form of its own. What else names a target, or asks for
# debug information in a way that only Apple's compiler knows, is left out.
set -euo pipefail

arguments=()
while [ $# -gt 0 ]; do
    case $1 in
        -arch) shift ;;
        --target=* | -mmacosx-version-min=* | -gfull) ;;
        *) arguments+=("$1") ;;
    esac
    shift
done
exec "$ZIG_PYTHON" -m ziglang cc -target aarch64-macos "${arguments[@]}"
