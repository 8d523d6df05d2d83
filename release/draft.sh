#!/bin/sh
# Makes the draft of a release on GitHub, with its assets: only who may write to the repository sees it. One that an
# earlier try left is completed; a release that is published already stays as it is.
#
#   release/draft.sh VERSION ASSETS
#
# The tag need not exist yet. Needs gh, logged in.
set -eu

version=$1
assets=$2

said=$(mktemp)
trap 'rm -f "$said"' EXIT
# Only these words mean that there is none: after any other failure a second draft would come to be beside the first.
state=$(gh release view "v$version" --json isDraft --jq .isDraft 2> "$said") || {
    grep -qx 'release not found' "$said" || { cat "$said" >&2; exit 1; }
    state=none
}
case $state in
    none)
        prerelease=
        case $version in *-*) prerelease=--prerelease ;; esac
        # shellcheck disable=SC2086  # one word or none
        gh release create "v$version" --draft --title "$version" --notes "See CHANGELOG.md." $prerelease "$assets"/*
        ;;
    true) gh release upload "v$version" --clobber "$assets"/* ;;
    false) echo "v$version is published" ;;
    *) echo "gh release view said: $state" >&2; exit 1 ;;
esac
