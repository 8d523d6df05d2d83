#!/usr/bin/env bash
# Makes a release out of real programs, in a scratch repository, and uses it as a user's workflow would.
#
#   tests/release/run.sh PROGRAM_X64 PROGRAM_ARM64 SANDBOX
#
# The programs are static builds for Linux, of this tree. ACT names act. Needs git, cargo with the crates fetched, curl.
set -Eeuo pipefail
export LC_ALL=C
trap 'echo "line $LINENO failed" >&2' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
act=$(realpath "$(command -v "${ACT:-act}")")
x64=$(realpath "$1")
arm64=$(realpath "$2")
sandbox=$(realpath "$3")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
export SOURCE_DATE_EPOCH=1700000000

scratch=$(mktemp -d)
service=
clean_up() {
    if [ -n "$service" ]; then kill "$service" 2> /dev/null || true; fi
    rm -rf "$scratch"
}
trap clean_up EXIT

# shellcheck source=tests/cases.sh
. "$root/tests/cases.sh"
begin() { case_name=$1; case_failed=0; : > "$scratch/log"; }
works() { "$@" > "$scratch/log" 2>&1 || complain "it failed: $*"; }
fails() { ! "$@" > "$scratch/log" 2>&1 || complain "it succeeded: $*"; }

# The source as it would be committed.
source_repository() {
    mkdir "$scratch/source"
    git -C "$root" ls-files -z --cached --others --exclude-standard -- . ':!bin' |
        tar -C "$root" --null --files-from=- --ignore-failed-read -cf - 2> /dev/null | tar -C "$scratch/source" -xf -
    export GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
    git config --file "$scratch/gitconfig" user.name test
    git config --file "$scratch/gitconfig" user.email test@localhost
    git config --file "$scratch/gitconfig" init.defaultBranch main
    git init -q "$scratch/source"
    git -C "$scratch/source" add -A
    git -C "$scratch/source" commit -qm source
    git init -q --bare "$scratch/remote"
    git -C "$scratch/source" remote add origin "$scratch/remote"
    git -C "$scratch/source" push -q origin main
}

programs() {
    mkdir -p "$scratch/programs/linux-x64" "$scratch/programs/linux-arm64"
    cp "$x64" "$scratch/programs/linux-x64/codearts-retry"
    cp "$arm64" "$scratch/programs/linux-arm64/codearts-retry"
    chmod -x "$scratch/programs"/*/*
    rustc --version | tee "$scratch/programs/linux-arm64/toolchain" > "$scratch/programs/linux-x64/toolchain"
}

platforms_agree() {
    begin "the workflow builds the platforms of release/platforms"
    same "its matrix" "$(sed -n 's/^ *- { platform: \([^,]*\), target: \([^,]*\),.*/\1 \2/p' "$root/.github/workflows/release.yml")" \
        "$(cut -d ' ' -f 1,2 "$root/release/platforms")"
    end
}

version_is_written_once_or_not_at_all() {
    local tree=$scratch/version bad
    begin "a version is written to every place, each found exactly once"
    cp -r "$scratch/source" "$tree"
    works "$tree/release/set_version.sh" 9.8.7 "$tree"
    same "the changed lines" "$(git -C "$tree" diff -U0 | grep -E '^[+][^+]' | tr '\n' ' ')" \
        '+## [9.8.7] - 2023-11-14 +version = "9.8.7" +version = "9.8.7" '
    works cargo metadata --manifest-path "$tree/Cargo.toml" --locked --offline --no-deps --format-version 1
    end

    begin "what is no version is refused, and so is a place that is missing or there twice"
    git -C "$tree" checkout -q .
    for bad in '' v1.2.3 1.2 01.2.3 '1.2.3; true' 1.2.3- '1.2.3 "'; do
        fails "$tree/release/set_version.sh" "$bad" "$tree"
    done
    printf '\n[package.metadata]\nversion = "1"\n' >> "$tree/Cargo.toml"
    fails "$tree/release/set_version.sh" 9.8.7 "$tree"
    logged 'Cargo.toml: 2 matches instead of 1'
    git -C "$tree" checkout -q .
    sed -i 's/^## \[Unreleased\]$/## Unreleased/' "$tree/CHANGELOG.md"
    fails "$tree/release/set_version.sh" 9.8.7 "$tree"
    logged 'CHANGELOG.md: 0 matches instead of 1'
    same "files with the new version" "$(grep -rl '9\.8\.7' "$tree"/Cargo.* "$tree/CHANGELOG.md" || true)" ''
    end
}

assembled() {
    local assemble=$scratch/source/release/assemble.sh out=$scratch/out other
    begin "a tree with both programs, executable, with sums that fit; assets with sums and an SBOM"
    works "$assemble" "$version" "$scratch/programs" "$out" linux-x64 linux-arm64
    (cd "$out/tree/bin" && sha256sum -c --quiet SHA256SUMS) > "$scratch/log" 2>&1 || complain "the sums of bin/ do not fit"
    (cd "$out/assets" && sha256sum -c --quiet SHA256SUMS) > "$scratch/log" 2>&1 || complain "the sums of the assets do not fit"
    same "bin/" "$(cd "$out/tree/bin" && find . -type f -printf '%P %m\n' | sort | tr '\n' ' ')" \
        'SHA256SUMS 644 TOOLCHAINS 644 linux-arm64/codearts-retry 755 linux-x64/codearts-retry 755 '
    same "the assets" "$(cd "$out/assets" && find . -type f -printf '%P\n' | sort | tr '\n' ' ')" \
        'SHA256SUMS codearts-retry-linux-arm64 codearts-retry-linux-x64 codearts-retry.cdx.json '
    cmp "$x64" "$out/tree/bin/linux-x64/codearts-retry" || complain "the program for x64 is not the one that was built"
    cmp "$arm64" "$out/assets/codearts-retry-linux-arm64" || complain "the program for arm64 is not the one that was built"
    # Against another reader of the same: the crates that cargo would link on Linux, and two of Windows.
    for other in $(cd "$scratch/source" && cargo tree --offline --locked -e normal --prefix none --format '{p}' \
        --target x86_64-unknown-linux-musl | sed -n 's/^\([^ ]*\) v\([^ ]*\).*/\1@\2/p' | sort -u) ; do
        case $other in
            codearts-retry@*) ;;
            *) grep -Fq "\"bom-ref\": \"pkg:cargo/$other\"" "$out/assets/codearts-retry.cdx.json" || complain "the SBOM lacks $other" ;;
        esac
    done
    grep -Fq 'pkg:cargo/ctrlc@' "$out/assets/codearts-retry.cdx.json" || complain "the SBOM lacks what Windows needs"
    ! grep -Eq 'pkg:cargo/(mockito|tokio|codearts-sandbox)@' "$out/assets/codearts-retry.cdx.json" ||
        complain "the SBOM holds what only tests need"
    # What actions/attest asks of a CycloneDX document.
    grep -Eq '^  "serialNumber": "urn:uuid:[0-9a-f-]{36}",$' "$out/assets/codearts-retry.cdx.json" || complain "the SBOM has no serial number"
    python3 "$scratch/source/release/sbom.py" "$out/tree" | cmp - "$out/assets/codearts-retry.cdx.json" || complain "the SBOM differs the second time"
    end

    begin "an incomplete, a misplaced and an outdated program are refused"
    fails "$assemble" "$version" "$scratch/programs" "$scratch/bad-1"
    logged 'there is no program for macos-x64'
    mkdir -p "$scratch/swapped/linux-x64"
    cp "$arm64" "$scratch/swapped/linux-x64/codearts-retry"
    echo 'rustc 1.0.0' > "$scratch/swapped/linux-x64/toolchain"
    fails "$assemble" "$version" "$scratch/swapped" "$scratch/bad-2" linux-x64
    logged 'the program for linux-x64 is one for linux-arm64'
    fails "$assemble" 9.8.7 "$scratch/programs" "$scratch/bad-3" linux-x64
    logged "of another version: codearts-retry $version"
    end

    begin "headers tell the six platforms apart"
    mkdir -p "$scratch/headers"
    header macos-x64/codearts-retry '\xcf\xfa\xed\xfe\x07\x00\x00\x01'
    header macos-arm64/codearts-retry '\xcf\xfa\xed\xfe\x0c\x00\x00\x01'
    pe windows-x64 '\x64\x86'
    pe windows-arm64 '\x64\xaa'
    cp -r "$scratch/programs"/* "$scratch/headers/"
    works "$assemble" "$version" "$scratch/headers" "$scratch/six"
    same "the sums" "$(wc -l < "$scratch/six/tree/bin/SHA256SUMS")" 6
    cp "$scratch/headers/windows-x64/codearts-retry.exe" "$scratch/headers/windows-arm64/codearts-retry.exe"
    fails "$assemble" "$version" "$scratch/headers" "$scratch/bad-4"
    logged 'the program for windows-arm64 is one for windows-x64'
    end
}

header() { # path, bytes as printf escapes
    mkdir -p "$scratch/headers/${1%/*}"
    # shellcheck disable=SC2059
    printf "$2" > "$scratch/headers/$1"
    echo 'rustc 1.0.0' > "$scratch/headers/${1%/*}/toolchain"
}
pe() { # platform, machine: `MZ`, the offset of the PE header at 60, that header
    header "$1/codearts-retry.exe" "MZ$(printf '\\0%.0s' $(seq 58))\\x80\\0\\0\\0$(printf '\\0%.0s' $(seq 64))PE\\0\\0$2"
}

# The check that the README documents.
tampered() {
    begin "a tampered program is found by sha256sum -c"
    cp -r "$scratch/out/tree/bin" "$scratch/tampered"
    (cd "$scratch/tampered" && sha256sum -c SHA256SUMS) > "$scratch/log" 2>&1 || complain "the sums do not fit before"
    # One byte in the middle.
    printf '\xff' | dd of="$scratch/tampered/linux-x64/codearts-retry" bs=1 seek=1000000 conv=notrunc status=none
    ! (cd "$scratch/tampered" && sha256sum -c SHA256SUMS) > "$scratch/log" 2>&1 || complain "it was not found"
    logged 'linux-x64/codearts-retry: FAILED'
    logged 'linux-arm64/codearts-retry: OK'
    end
}

committed() {
    local source=$scratch/source head commit
    begin "the release commit is reachable from its tag alone"
    head=$(git -C "$source" rev-parse HEAD)
    (cd "$source" && release/commit.sh "$version" "$scratch/out/tree") > "$scratch/log" 2>&1 || complain "commit.sh failed"
    commit=$(git -C "$source" rev-parse "v$version")
    same "what it printed" "$(cat "$scratch/log")" "$commit"
    same "its parent" "$(git -C "$source" rev-parse "v$version^")" "$head"
    same "the kind of the tag" "$(git -C "$source" cat-file -t "v$version")" commit
    same "the branch" "$(git -C "$source" rev-parse main)" "$head"
    same "branches that contain it" "$(git -C "$source" branch --all --contains "v$version")" ''
    same "the work tree" "$(git -C "$source" status --porcelain)" ''
    same "the programs in it" "$(git -C "$source" ls-tree -r "v$version" bin | awk '{ print $1, $4 }' | tr '\n' ' ')" \
        '100644 bin/SHA256SUMS 100644 bin/TOOLCHAINS 100755 bin/linux-arm64/codearts-retry 100755 bin/linux-x64/codearts-retry '
    fails git -C "$source" diff --quiet main "v$version"
    end

    begin "a release that is tried again is the same commit, and another one under its version is refused"
    (cd "$source" && release/commit.sh "$version" "$scratch/out/tree") > "$scratch/log" 2>&1 || complain "it was refused"
    same "what it printed" "$(cat "$scratch/log")" "$commit"
    cp -r "$scratch/out/tree" "$scratch/rebuilt"
    echo >> "$scratch/rebuilt/bin/TOOLCHAINS"
    ! (cd "$source" && release/commit.sh "$version" "$scratch/rebuilt") > "$scratch/log" 2>&1 || complain "a tag was made twice"
    logged "the tag v$version exists, and is another commit"
    same "the tag" "$(git -C "$source" rev-parse "v$version")" "$commit"
    end

    begin "a tree that changes the action is no release"
    cp -r "$scratch/out/tree" "$scratch/changed"
    echo '# changed' >> "$scratch/changed/action.yml"
    ! (cd "$source" && release/commit.sh 9.9.9 "$scratch/changed") > "$scratch/log" 2>&1 || complain "it was committed"
    logged action.yml
    same "its tag" "$(git -C "$source" tag -l v9.9.9)" ''
    end
}

# A stand-in for gh, which keeps the state of the release in a file and notes what it was asked.
drafted() {
    local state=$scratch/gh.state case
    begin "the draft of a release is made, completed if it is there, and left alone once it is published"
    mkdir "$scratch/gh"
    cat > "$scratch/gh/gh" << 'GH'
#!/bin/sh
echo "$*" >> "$GH_STATE.calls"
case $2 in
    view)
        [ -e "$GH_STATE" ] || { echo "release not found" >&2; exit 1; }
        if grep -q unreachable "$GH_STATE"; then echo "HTTP 502" >&2; exit 1; fi
        cat "$GH_STATE"
        ;;
    create) echo true > "$GH_STATE" ;;
esac
GH
    chmod +x "$scratch/gh/gh"
    for case in 'none 1.2.3 create v1.2.3 --draft --title 1.2.3 --notes See CHANGELOG.md. A' \
        'none 1.2.3-rc.1 create v1.2.3-rc.1 --draft --title 1.2.3-rc.1 --notes See CHANGELOG.md. --prerelease A' \
        'true 1.2.3 upload v1.2.3 --clobber A' 'false 1.2.3'; do
        set -f
        # shellcheck disable=SC2086  # the words of the case
        set -- $case
        set +f
        rm -f "$state" "$state.calls"
        [ "$1" = none ] || echo "$1" > "$state"
        PATH=$scratch/gh:$PATH GH_STATE=$state "$root/release/draft.sh" "$2" "$scratch/out/assets" >> "$scratch/log" 2>&1 ||
            complain "draft.sh failed with $1"
        shift 2
        same "what gh was asked" "$(sed "/^release view /d; s# $scratch/out/assets/.*# A#" "$state.calls")" "${*:+release $*}"
    done
    for case in maybe unreachable; do
        rm "$state.calls"
        echo "$case" > "$state"
        ! PATH=$scratch/gh:$PATH GH_STATE=$state "$root/release/draft.sh" 1.2.3 "$scratch/out/assets" > "$scratch/log" 2>&1 ||
            complain "an answer that is none was taken: $case"
        same "what gh was asked" "$(cat "$state.calls")" 'release view v1.2.3 --json isDraft --jq .isDraft'
    done
    logged 'HTTP 502'
    end
}

major() { git --git-dir "$scratch/remote" rev-parse -q --verify refs/tags/v1 || echo none; }
moved() {
    local source=$scratch/source of
    begin "v1 moves to a release that is published, and never back"
    for of in 1.2.0 1.10.0 1.10.1-rc.1 1.2.1 2.0.0; do
        git -C "$source" commit -q --allow-empty -m "$of"
        git -C "$source" tag "v$of"
    done
    fails git -C "$source" rev-parse v1
    ! (cd "$source" && release/move_major.sh 1.2.0 origin) > "$scratch/log" 2>&1 || complain "it moved before publishing"
    logged 'v1.2.0 is not published'
    same "v1" "$(major)" none
    for of in 1.2.0 1.10.0 1.10.1-rc.1 1.2.1; do
        git -C "$source" push -q origin "v$of"
        (cd "$source" && release/move_major.sh "$of" origin) >> "$scratch/log" 2>&1 || complain "move_major.sh $of failed"
        case $of in
            1.2.0) same "v1 after $of" "$(major)" "$(git -C "$source" rev-parse v1.2.0)" ;;
            *) same "v1 after $of" "$(major)" "$(git -C "$source" rev-parse v1.10.0)" ;;
        esac
    done
    end
}

# Another repository's workflow on a runner without Rust: the tag's tree, as the runner fetches it.
consumed() {
    local status=0 tool url
    begin "a user's workflow runs the tag: no cargo, no network, no download"
    mkdir -p "$scratch/action" "$scratch/user/.github/workflows" "$scratch/tools" "$scratch/results"
    git -C "$scratch/source" archive "v$version" | tar -C "$scratch/action" -xf -
    cp "$here/workflows/consumer.yml" "$scratch/user/.github/workflows/"
    git init -q "$scratch/user"
    git -C "$scratch/user" add -A
    git -C "$scratch/user" commit -qm user
    for tool in sh bash env uname tr sed cat git sort grep; do
        ln -sf "$(command -v "$tool")" "$scratch/tools/$tool"
    done
    "$sandbox" > "$scratch/sandbox.log" 2>&1 < /dev/null &
    service=$!
    for _ in $(seq 100); do
        if grep -q 'access_key_id' "$scratch/sandbox.log"; then break; fi
        sleep 0.1
    done
    url=$(sed -n 's#^listening on \(http://.*\)#\1#p' "$scratch/sandbox.log")
    (
        cd "$scratch/user"
        env -i PATH="$scratch/tools" HOME="$scratch" XDG_CACHE_HOME="$scratch/cache" "$act" push \
            -P ubuntu-latest=-self-hosted --container-daemon-socket - \
            --cache-server-addr 127.0.0.1 --artifact-server-addr 127.0.0.1 --action-offline-mode \
            --local-repository "someone/codearts-retry@v0=$scratch/action" \
            --env RESULTS="$scratch/results" --env ENDPOINT="$url" < /dev/null > "$scratch/log" 2>&1
    ) || status=$?
    same "act's exit code" "$status" 0
    same "what the next step read" "$(cat "$scratch/results/outputs" 2>&1)" 'outcome accepted, retried true'
    not_logged 'building it with cargo'
    same "retries that took effect" \
        "$(curl -fsS --noproxy '*' --max-time 10 "$url/_sandbox/counters" | grep -Eo '"retry_effects": *[0-9]+' | grep -Eo '[0-9]+$')" 1
    end
}

source_repository
programs
platforms_agree
version_is_written_once_or_not_at_all
assembled
tampered
committed
drafted
moved
consumed

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
