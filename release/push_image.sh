#!/bin/sh
# Pushes the images that release/image.sh built.
#
#   release/push_image.sh VERSION TREE IMAGE         under their digests alone: no tag leads there yet
#   release/push_image.sh VERSION TREE IMAGE tag     then gives them their tags, IMAGE:VERSION and IMAGE:VERSION-shell
#
# Either may be done again. Needs skopeo, logged in.
set -eu

version=$1
tree=$2
image=$3
tag=${4:-}

for kind in bare shell; do
    case $kind in
        bare) name=$image:$version ;;
        shell) name=$image:$version-shell ;;
    esac
    digest=$(cat "$tree.$kind.digest")
    if [ "$tag" = tag ]; then
        skopeo copy --all --preserve-digests --quiet "docker://$image@$digest" "docker://$name"
        printf '%s %s\n' "$name" "$digest"
    else
        skopeo copy --all --preserve-digests --quiet "oci:$tree.$kind.oci:$version" "docker://$image@$digest"
        printf '%s %s\n' "$image" "$digest"
    fi
done
