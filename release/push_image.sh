#!/bin/sh
# Pushes the images that release/image.sh built.
#
#   release/push_image.sh VERSION TREE IMAGE         under their digests alone: no tag leads there yet
#   release/push_image.sh VERSION TREE IMAGE tag     then gives them their tags, IMAGE:VERSION and IMAGE:VERSION-shell
#
# Either may be done again. Where a tag leads to another image already, nothing is done. Needs skopeo, logged in.
set -eu

version=$1
tree=$2
image=$3
tag=${4:-}

name_of() { if [ "$1" = bare ]; then echo "$image:$version"; else echo "$image:$version-shell"; fi; }

there=$(mktemp)
said=$(mktemp)
trap 'rm -f "$there" "$said"' EXIT
for kind in bare shell; do
    name=$(name_of "$kind")
    if skopeo inspect --raw "docker://$name" > "$there" 2> "$said"; then
        [ "sha256:$(sha256sum < "$there" | cut -d ' ' -f 1)" = "$(cat "$tree.$kind.digest")" ] || {
            echo "$name exists, and is another image" >&2
            exit 1
        }
    elif [ "$tag" = tag ] && ! grep -q 'manifest unknown' "$said"; then
        # The image is there by now, so only these words mean that the tag is free.
        cat "$said" >&2
        exit 1
    fi
done

for kind in bare shell; do
    digest=$(cat "$tree.$kind.digest")
    if [ "$tag" = tag ]; then
        skopeo copy --all --preserve-digests --quiet "docker://$image@$digest" "docker://$(name_of "$kind")"
        printf '%s %s\n' "$(name_of "$kind")" "$digest"
    else
        skopeo copy --all --preserve-digests --quiet "oci:$tree.$kind.oci:$version" "docker://$image@$digest"
        printf '%s %s\n' "$image" "$digest"
    fi
done
