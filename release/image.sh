#!/bin/sh
# Builds the images of a release, each for two architectures. Nothing is pushed.
#
#   release/image.sh VERSION TREE IMAGE REVISION SOURCE
#
# TREE is an assembled one. Beside it come to be TREE.bare.oci and TREE.shell.oci, OCI layouts with the very bytes that
# release/push_image.sh pushes, and their digests in TREE.bare.digest and TREE.shell.digest. IMAGE is their name in the
# local store. SHELL_BASE names another base for the second. Needs buildah.
set -eu

version=$1
tree=$2
image=$3
revision=$4
source=$5

for kind in bare shell; do
    case $kind in
        bare) name=$image:$version ;;
        shell) name=$image:$version-shell ;;
    esac
    buildah manifest rm "$name" > /dev/null 2>&1 || true
    buildah manifest create "$name" > /dev/null
    for platform in x64:amd64 arm64:arm64; do
        # No step runs in the image, so each architecture is built anywhere. The time stamp is no date of a build, and no
        # label names the version of buildah: the same programs give the same image, also on tomorrow's runner.
        buildah bud --quiet --isolation chroot --platform "linux/${platform#*:}" --target "$kind" --timestamp 0 \
            --identity-label=false \
            --build-arg "PROGRAM=bin/linux-${platform%:*}/codearts-retry" --build-arg "VERSION=$version" \
            --build-arg "REVISION=$revision" --build-arg "SOURCE=$source" \
            ${SHELL_BASE:+--build-arg "SHELL_BASE=$SHELL_BASE"} --manifest "$name" "$tree" > /dev/null
    done
    buildah manifest push --all --quiet --digestfile "$tree.$kind.digest" "$name" "oci:$tree.$kind.oci:$version"
    printf '%s %s\n' "$name" "$(cat "$tree.$kind.digest")"
done
