#!/bin/sh
# Builds the images of a release, each for two architectures, and pushes them if told to.
#
#   release/image.sh VERSION TREE IMAGE REVISION SOURCE [push]
#
# TREE is an assembled one. The tags are IMAGE:VERSION and IMAGE:VERSION-shell. Their digests are left beside TREE, in
# TREE.bare.digest and TREE.shell.digest. SHELL_BASE names another base for the second. Needs buildah.
set -eu

version=$1
tree=$2
image=$3
revision=$4
source=$5
push=${6:-}

for kind in bare shell; do
    case $kind in
        bare) name=$image:$version ;;
        shell) name=$image:$version-shell ;;
    esac
    buildah manifest rm "$name" > /dev/null 2>&1 || true
    buildah manifest create "$name" > /dev/null
    for platform in x64:amd64 arm64:arm64; do
        # No step runs in the image, so each architecture is built anywhere. The time stamp is no date of a build: the same
        # programs give the same image.
        buildah bud --quiet --isolation chroot --platform "linux/${platform#*:}" --target "$kind" --timestamp 0 \
            --build-arg "PROGRAM=bin/linux-${platform%:*}/codearts-retry" --build-arg "VERSION=$version" \
            --build-arg "REVISION=$revision" --build-arg "SOURCE=$source" \
            ${SHELL_BASE:+--build-arg "SHELL_BASE=$SHELL_BASE"} --manifest "$name" "$tree" > /dev/null
    done
    if [ "$push" = push ]; then
        buildah manifest push --all --quiet --digestfile "$tree.$kind.digest" "$name" "docker://$name"
    else
        buildah manifest push --all --quiet --digestfile "$tree.$kind.digest" "$name" "oci:$tree.$kind.oci:$version"
    fi
    printf '%s %s\n' "$name" "$(cat "$tree.$kind.digest")"
done
