#!/bin/sh
# Puts a release together from programs that are built already.
#
#   release/assemble.sh VERSION PROGRAMS OUT [PLATFORM]…
#
# PROGRAMS holds <os>-<arch>/codearts-retry[.exe] for every platform of release/platforms, or for those named, and beside it
# `toolchain`, what `rustc --version` said. In OUT, which must not exist, come to be:
#
#   tree/     what the tag holds: this tree with the version in it, bin/<os>-<arch>/codearts-retry[.exe], bin/SHA256SUMS,
#             bin/TOOLCHAINS, which who builds the same bytes needs to know
#   assets/   what the release page offers: codearts-retry-<os>-<arch>[.exe], the SBOM, SHA256SUMS
set -eu
export LC_ALL=C

version=$1
programs=$(cd "$2" && pwd)
out=$3
shift 3
cd "$(dirname "$0")/.."
# shellcheck disable=SC2046  # one word a platform
[ "$#" -gt 0 ] || set -- $(cut -d ' ' -f 1 release/platforms)
mkdir "$out" "$out/tree" "$out/assets"
out=$(cd "$out" && pwd)

complain() { echo "$*" >&2; exit 1; }

# hex FILE OFFSET LENGTH
hex() { od -A n -t x1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }

# What a file is for, by its header: a program in the wrong folder would be found by users.
platform_of() {
    case $(hex "$1" 0 4) in
        7f454c46)
            case $(hex "$1" 18 2) in
                3e00) echo linux-x64 ;;
                b700) echo linux-arm64 ;;
            esac ;;
        cffaedfe)
            case $(hex "$1" 4 4) in
                07000001) echo macos-x64 ;;
                0c000001) echo macos-arm64 ;;
            esac ;;
        4d5a*)
            # The offset of the PE header, little-endian, at 60.
            header=$(hex "$1" 60 4 | sed 's/\(..\)\(..\)\(..\)\(..\)/0x\4\3\2\1/')
            case $(hex "$1" $((header + 4)) 2) in
                6486) echo windows-x64 ;;
                64aa) echo windows-arm64 ;;
            esac ;;
    esac
}

# The tree as git has it, without a bin/ that a test may have left.
git ls-files -z --cached --others --exclude-standard -- . ':!bin' |
    tar --null --files-from=- -cf - | tar -C "$out/tree" -xf -
release/set_version.sh "$version" "$out/tree"

for platform in "$@"; do
    file=$(sed -n "s/^$platform [^ ]* //p" release/platforms)
    [ -n "$file" ] || complain "release/platforms does not know $platform"
    program=$programs/$platform/$file
    [ -s "$program" ] || complain "there is no program for $platform"
    found=$(platform_of "$program")
    [ "$found" = "$platform" ] || complain "the program for $platform is one for ${found:-something else}"
    mkdir -p "$out/tree/bin/$platform"
    cp "$program" "$out/tree/bin/$platform/$file"
    # Artifacts lose the mode on their way between jobs.
    chmod 755 "$out/tree/bin/$platform/$file"
    [ -s "$programs/$platform/toolchain" ] || complain "nothing says what built the program for $platform"
    printf '%s: %s\n' "$platform" "$(cat "$programs/$platform/toolchain")" >> "$out/tree/bin/TOOLCHAINS"
    cp "$program" "$out/assets/codearts-retry-$platform${file#codearts-retry}"
    if [ "$platform $(uname -sm)" = 'linux-x64 Linux x86_64' ]; then
        found=$("$out/tree/bin/$platform/$file" --version)
        [ "$found" = "codearts-retry $version" ] || complain "the program for $platform is of another version: $found"
    fi
done

(cd "$out/tree/bin" && sha256sum -- */* > SHA256SUMS)
python3 release/sbom.py "$out/tree" > "$out/assets/codearts-retry.cdx.json"
(cd "$out/assets" && sha256sum -- codearts-retry* > ../SHA256SUMS && mv ../SHA256SUMS .)
cat "$out/tree/bin/SHA256SUMS"
