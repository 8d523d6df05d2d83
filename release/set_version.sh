#!/bin/sh
# Writes a version into a tree, everywhere it stands: Cargo.toml, Cargo.lock, CHANGELOG.md. Each place is found exactly
# once, or nothing is written.
#
#   release/set_version.sh VERSION [TREE]
#
# The date in the changelog is that of SOURCE_DATE_EPOCH, else today's, in UTC.
set -eu

version=$1
tree=${2:-.}

number='(0|[1-9][0-9]*)'
printf '%s\n' "$version" | grep -Eqx "$number\.$number\.$number(-[0-9A-Za-z][0-9A-Za-z.-]*)?" || {
    echo "'$version' is not a version such as 1.2.3 or 1.2.3-rc.1" >&2
    exit 2
}
day=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F 2> /dev/null || date -u -r "${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F)

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

# edit FILE PROGRAM: an awk program that counts in `found` what it replaced.
edit() {
    awk -v version="$version" -v day="$day" "$2
        END { if (found != 1) { printf \"%s: %d matches instead of 1\\n\", FILENAME, found > \"/dev/stderr\"; exit 1 } }" \
        "$tree/$1" > "$new/$1"
}
# shellcheck disable=SC2016  # awk's fields
edit Cargo.toml '/^version = "/ { $0 = "version = \"" version "\""; found++ } { print }'
# shellcheck disable=SC2016
edit Cargo.lock 'after && /^version = "/ { $0 = "version = \"" version "\""; found++ }
    { after = $0 == "name = \"codearts-retry\""; print }'
# shellcheck disable=SC2016
edit CHANGELOG.md '{ print } /^## \[Unreleased\]$/ { printf "\n## [%s] - %s\n", version, day; found++ }'

for file in Cargo.toml Cargo.lock CHANGELOG.md; do
    cat "$new/$file" > "$tree/$file"
done
