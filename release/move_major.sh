#!/bin/sh
# Moves the tag of the major version (v1) to a release that is published, unless a newer one of that major version is: a
# fix of an older line must not take users back. A pre-release moves nothing.
#
#   release/move_major.sh VERSION REMOTE
set -eu
export LC_ALL=C

version=$1
remote=$2
major=v${version%%.*}

case $version in
    *-*) echo "$version is a pre-release: $major stays"; exit 0 ;;
esac

tags=$(git ls-remote --tags --refs "$remote" "refs/tags/$major" "refs/tags/$major.*")
commit=$(printf '%s\n' "$tags" | sed -n "s#[[:space:]]refs/tags/v$version\$##p")
[ -n "$commit" ] || { echo "v$version is not published" >&2; exit 1; }
newest=$(printf '%s\n' "$tags" | sed -n 's#^.*refs/tags/v\([0-9]*\.[0-9]*\.[0-9]*\)$#\1#p' | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1)
if [ "$newest" != "$version" ]; then
    echo "$newest is newer: $major stays"
    exit 0
fi
old=$(printf '%s\n' "$tags" | sed -n "s#[[:space:]]refs/tags/$major\$##p")
# Only from where it was seen: of two releases at once one fails here.
git push --quiet --force-with-lease="refs/tags/$major:$old" "$remote" "$commit:refs/tags/$major"
echo "$major is $version"
