#!/bin/sh
# Makes the commit of a release out of an assembled tree, and its tag. The commit is a child of HEAD that no branch
# contains, so that the history of the source stays free of programs.
#
#   release/commit.sh VERSION TREE
#
# The commit's id is printed. Nothing is pushed. The same source and tree give the same commit: a release that was broken
# off after its tag was pushed finds that tag and goes on, and the tag of anything else is refused.
set -eu

version=$1
tree=$(cd "$2" && pwd)
tag=v$version

index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
content=$(
    export GIT_INDEX_FILE="$index/index"
    git --work-tree="$tree" add --all --force -- :/
    git write-tree
)
# The dates are the source's, so that the id depends on the content alone.
when=$(git show -s --format=%ct HEAD)
commit=$(
    GIT_AUTHOR_DATE="@$when +0000" GIT_COMMITTER_DATE="@$when +0000" \
        git commit-tree "$content" -p HEAD -m "Release $version"
)

# A release adds programs and a version to the source that was tested, and changes nothing else.
unexpected=$(git diff --name-only HEAD "$commit" -- . ':!bin' ':!Cargo.toml' ':!Cargo.lock' ':!CHANGELOG.md')
if [ -n "$unexpected" ]; then
    printf 'the tree differs from HEAD in more than a release may change:\n%s\n' "$unexpected" >&2
    exit 1
fi

# Lightweight: the tag's own id is the commit that users pin.
if there=$(git rev-parse -q --verify "refs/tags/$tag"); then
    [ "$there" = "$commit" ] || { echo "the tag $tag exists, and is another commit" >&2; exit 1; }
else
    git tag "$tag" "$commit"
fi
echo "$commit"
