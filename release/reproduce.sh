#!/bin/sh
# Shows that a build is reproducible: builds the same source in another folder, with another CARGO_HOME and another target
# folder, and compares the bytes with those that release/build.sh made here.
#
#   release/reproduce.sh TARGET
set -eu

target=$1
cd "$(dirname "$0")/.."
first=$(release/build.sh "$target")

other=$(mktemp -d)
trap 'rm -rf "$other"' EXIT
mkdir "$other/a longer name" "$other/home"
# As git has it, with what is not committed yet.
git ls-files -z --cached --others --exclude-standard |
    tar --null --files-from=- --ignore-failed-read -cf - 2> /dev/null | tar -C "$other/a longer name" -xf -
# The crates are linked, where that is possible, rather than fetched again.
cp -al "${CARGO_HOME:-$HOME/.cargo}/registry" "$other/home/registry" 2> /dev/null ||
    { rm -rf "$other/home/registry"; cp -a "${CARGO_HOME:-$HOME/.cargo}/registry" "$other/home/registry"; }

# Another umask, locale and time zone too.
second=$(umask 077; cd "$other/a longer name" && CARGO_HOME=$other/home CARGO_TARGET_DIR=$other/target CARGO_NET_OFFLINE=true \
    LC_ALL=C TZ=Asia/Shanghai release/build.sh "$target")
sha256sum "$first" "$second"
cmp "$first" "$second"
echo "two builds, the same bytes"
