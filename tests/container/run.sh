#!/usr/bin/env bash
# Builds both images of the Dockerfile and runs them as CI systems do, against the sandbox, without a Docker daemon.
#
#   tests/container/run.sh PROGRAM SANDBOX [PROGRAM_ARM64]
#
# PROGRAM is a static build for x64, SANDBOX a build of the sandbox. With PROGRAM_ARM64 the images of a release are built as
# well, for both architectures, and pushed to a registry. Needs root, buildah, podman, runc, curl, a static busybox and, for
# the last, qemu, skopeo and docker-registry.
set -Eeuo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$(realpath "$1")
sandbox=$(realpath "$2")
program_arm64=${3:+$(realpath "$3")}
busybox=$(command -v busybox)

size_budget=2621440 # 2.5 MiB, the image with the program alone
stop_budget=1000    # milliseconds from a signal to the end

project_id=d80a8a6530324b7bac972cbb8a9f28ec
pipeline_id=8bfbd69eac154a0da341705a36294aca
pipeline_run_id=94511c7207474053ab5f6e2dd5624cd5
auth_token=MIIPSandboxTokenNotReal0123456789abcdefghijklmnopqrstuvwxyz==
access_key_id=SANDBOXACCESSKEY0001
secret_access_key=SandboxSecretKeyNotReal0000000000000001

scratch=$(mktemp -d)
# Other users must reach what is mounted.
chmod 755 "$scratch"
service=
registry=
clean_up() {
    if [ -n "$service" ]; then kill "$service" 2> /dev/null || true; fi
    if [ -n "$registry" ]; then kill "$registry" 2> /dev/null || true; fi
    podman rm -af > /dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'echo "line $LINENO failed" >&2' ERR

# A store of its own, and settings that need no overlay file system, no bridge and no right to raise limits.
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$scratch" "$scratch" > "$scratch/storage.conf"
cat > "$scratch/containers.conf" << 'CONF'
[containers]
netns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
CONF
export CONTAINERS_STORAGE_CONF=$scratch/storage.conf CONTAINERS_CONF=$scratch/containers.conf
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

# shellcheck source=tests/cases.sh
. "$root/tests/cases.sh"
begin() {
    case_name=$1
    case_failed=0
    : > "$scratch/log"
    rm -rf "$scratch/files"
    mkdir -p "$scratch/files"
    control -X POST "$url/_sandbox/reset" > /dev/null
}

control() { curl -fsS --noproxy '*' --max-time 10 "$@"; }
counter() { control "$url/_sandbox/counters" | grep -Eo "\"$1\": *[0-9]+" | grep -Eo '[0-9]+$' || echo 0; }

# Runs a container to its end; the status is the program's.
contained() {
    podman run --pull=never --rm "$@" > "$scratch/log" 2>&1
}

# Values as GitHub's runner reads them: the heredoc form alone, since the program writes no other.
github_output() { # file, name
    awk -v name="$2" '
        inside { if ($0 == end) { inside = 0; if (wanted) exit; next } if (wanted) print; next }
        match($0, /<</) { key = substr($0, 1, RSTART - 1); end = substr($0, RSTART + 2); inside = 1; wanted = key == name }
    ' "$1"
}

# As GitLab's parser: one line that is no variable, or 5 KiB, and the whole file is refused.
dotenv() { # file, name
    if [ ! -f "$1" ]; then echo "(no file)"; return 0; fi
    if grep -Evq '^[A-Za-z0-9_]+=' "$1"; then echo "(refused: a line is no variable)"; return 0; fi
    if [ "$(stat -c %s "$1")" -ge 5120 ]; then echo "(refused: too large)"; return 0; fi
    sed -n "s/^$2=//p" "$1" | tail -n 1
}

# `-e` options for inputs, as a docker action of GitHub gets them: hyphens kept.
github=(
    --workdir /github/workspace
    -e GITHUB_ACTIONS=true -e CI=true -e HOME=/github/home
    -e GITHUB_WORKSPACE=/github/workspace
    -e GITHUB_OUTPUT=/github/file_commands/set_output_0d7fd1a5
    -e GITHUB_STEP_SUMMARY=/github/file_commands/step_summary_0d7fd1a5
    -e "INPUT_PROJECT-ID=$project_id" -e "INPUT_PIPELINE-ID=$pipeline_id" -e "INPUT_PIPELINE-RUN-ID=$pipeline_run_id"
    -e INPUT_REGION= -e INPUT_MAX-ATTEMPTS=
    -v "$scratch/files/workspace:/github/workspace"
    -v "$scratch/files/file_commands:/github/file_commands"
    -v "$scratch/files/home:/github/home"
)
github_files() {
    mkdir -p "$scratch/files"/{workspace,file_commands,home}
    : > "$scratch/files/file_commands/set_output_0d7fd1a5"
    : > "$scratch/files/file_commands/step_summary_0d7fd1a5"
    # The runner's user owns them, not root.
    chown -R 1001:1001 "$scratch/files"
}
github_value() { github_output "$scratch/files/file_commands/set_output_0d7fd1a5" "$1"; }

build() {
    mkdir -p "$scratch/context/bin/linux-x64" "$scratch/base"
    cp "$root/Dockerfile" "$root/.dockerignore" "$scratch/context/"
    cp "$program" "$scratch/context/bin/linux-x64/codearts-retry"
    # No base image can be pulled everywhere, so one with the same shell is made. Its one for arm64 holds the same programs:
    # it stands for a base, and is not run.
    cp "$busybox" "$scratch/base/busybox"
    printf '%s\n' 'FROM scratch' 'COPY busybox /bin/busybox' \
        'RUN ["/bin/busybox", "sh", "-c", "/bin/busybox mkdir -p /tmp /usr/bin && /bin/busybox --install -s /bin"]' \
        'ENV PATH=/usr/local/bin:/usr/bin:/bin' > "$scratch/base/Dockerfile"
    if ! {
        buildah bud --isolation chroot -q --platform linux/amd64 --manifest localhost/shell-base:1 "$scratch/base" &&
            buildah bud --isolation chroot -q --platform linux/arm64 --manifest localhost/shell-base:1 "$scratch/base" &&
            buildah bud --isolation chroot -q --timestamp 0 -t localhost/bare:1 "$scratch/context" &&
            buildah bud --isolation chroot -q --timestamp 0 --target shell --build-arg SHELL_BASE=localhost/shell-base:1 \
                -t localhost/shell:1 "$scratch/context"
    } > "$scratch/build.log" 2>&1; then
        cat "$scratch/build.log" >&2
        return 1
    fi
}

start_sandbox() {
    "$sandbox" --ca-file "$scratch/ca.pem" > "$scratch/sandbox.log" 2>&1 < /dev/null &
    service=$!
    for _ in $(seq 100); do
        if grep -q 'listening on https' "$scratch/sandbox.log"; then break; fi
        sleep 0.1
    done
    url=$(grep -Eo 'http://127\.0\.0\.1:[0-9]+' "$scratch/sandbox.log" | head -n 1)
    secure_url=$(grep -Eo 'https://(127\.0\.0\.1|localhost):[0-9]+' "$scratch/sandbox.log" | head -n 1)
}

image() {
    begin "the image: one file, exec-form entry point, no user, within its size"
    local size files
    size=$(podman image inspect --format '{{.Size}}' localhost/bare:1)
    awk -v size="$size" -v budget="$size_budget" 'BEGIN {
        printf "        %d bytes, %.2f MiB of %.2f MiB\n", size, size / 1048576, budget / 1048576 }'
    [ "$size" -le "$size_budget" ] || complain "over the size budget"
    same "the entry point" "$(podman image inspect --format '{{json .Config.Entrypoint}}' localhost/bare:1)" '["/codearts-retry"]'
    same "the user" "$(podman image inspect --format '{{.Config.User}}' localhost/bare:1)" ''
    same "the shell image's entry point" "$(podman image inspect --format '{{len .Config.Entrypoint}}' localhost/shell:1)" 0
    files=$(container=$(buildah from --pull-never localhost/bare:1) && mounted=$(buildah mount "$container") &&
        cd "$mounted" && find . -type f)
    same "what is in it" "$files" ./codearts-retry
    contained localhost/bare:1 --version || complain "--version ended with $?"
    same "--version" "$(cat "$scratch/log")" "$("$program" --version)"
    end
}

docker_action() { # case, options
    local status=0 name=$1
    shift
    begin "$name"
    github_files
    contained "${github[@]}" -e INPUT_ENDPOINT="$url" -e INPUT_ACCESS-KEY-ID=$access_key_id \
        -e INPUT_SECRET-ACCESS-KEY=$secret_access_key -e INPUT_OUTPUT-FILE=result.json "$@" localhost/bare:1 || status=$?
    same "the exit code" "$status" 0
    same "success" "$(github_value success)" true
    same "outcome" "$(github_value outcome)" accepted
    same "retries that took effect" "$(counter retry_effects)" 1
    # What runs after it in the job is another user, and must be able to read this.
    same "the mode of output_file" "$(stat -c %a "$scratch/files/workspace/result.json")" 644
    grep -Eq '"outcome": ?"accepted"' "$scratch/files/workspace/result.json" || complain "result.json lacks the outcome"
    [ -s "$scratch/files/file_commands/step_summary_0d7fd1a5" ] || complain "there is no summary"
    not_logged "warning"
    end
}

docker_action_invalid() {
    local status=0
    begin "docker action, bad inputs: exit 2, with outputs"
    github_files
    contained "${github[@]}" -e INPUT_ENDPOINT="$url" -e INPUT_AUTH-TOKEN=$auth_token -e INPUT_WAIT=maybe localhost/bare:1 ||
        status=$?
    same "the exit code" "$status" 2
    same "success" "$(github_value success)" false
    same "outcome" "$(github_value outcome)" invalid-input
    end
}

# An https endpoint with no certificate file in the image: the sandbox's own root is not trusted until it is mounted.
https() {
    local status=0
    begin "https without a certificate file: the bundled roots decide; SSL_CERT_FILE adds to them"
    github_files
    contained "${github[@]}" -e INPUT_ENDPOINT="$secure_url" -e INPUT_AUTH-TOKEN=$auth_token localhost/bare:1 || status=$?
    same "the exit code" "$status" 6
    same "retries that took effect" "$(counter retry_effects)" 0
    logged SSL_CERT_FILE
    github_files
    status=0
    contained "${github[@]}" -e INPUT_ENDPOINT="$secure_url" -e INPUT_AUTH-TOKEN=$auth_token \
        -v "$scratch/ca.pem:/ca.pem:ro" -e SSL_CERT_FILE=/ca.pem localhost/bare:1 || status=$?
    same "the exit code with SSL_CERT_FILE" "$status" 0
    same "retries that took effect" "$(counter retry_effects)" 1
    end
}

no_network() {
    local status=0
    begin "no network at all: unavailable, with outputs"
    github_files
    contained --network none "${github[@]}" -e INPUT_ENDPOINT="$url" -e INPUT_AUTH-TOKEN=$auth_token \
        -e INPUT_MAX-ATTEMPTS=1 localhost/bare:1 || status=$?
    same "the exit code" "$status" 6
    same "outcome" "$(github_value outcome)" unavailable
    same "retried" "$(github_value retried)" false
    end
}

# The program is process 1, for which the kernel's own reaction to both signals is to ignore them.
signalled() { # signal, exit code
    local status=0 began took runner
    begin "SIG$1 to process 1 while it waits: exit $2 at once, outputs written, the run stopped"
    github_files
    podman run --pull=never --rm --name waiting "${github[@]}" -e INPUT_ENDPOINT="$url" -e INPUT_AUTH-TOKEN=$auth_token \
        -e INPUT_WAIT=true -e INPUT_ON-CANCEL=stop localhost/bare:1 > "$scratch/log" 2>&1 &
    runner=$!
    for _ in $(seq 100); do
        if [ "$(counter retry_effects)" = 1 ] && [ "$(counter DETAIL)" -ge 2 ]; then break; fi
        sleep 0.1
    done
    same "retries that took effect" "$(counter retry_effects)" 1
    began=$(date +%s%3N)
    podman kill --signal "$1" waiting > /dev/null || complain "podman kill failed"
    wait "$runner" || status=$?
    took=$(($(date +%s%3N) - began))
    echo "        $took ms from the signal to the end of podman"
    [ "$took" -le "$stop_budget" ] || complain "it took $took ms"
    same "the exit code" "$status" "$2"
    same "success" "$(github_value success)" false
    same "outcome" "$(github_value outcome)" interrupted
    same "retried" "$(github_value retried)" true
    same "stops" "$(counter stops)" 1
    end
}

# A step with `settings`: the entry point itself, the workspace under /woodpecker, the settings as PLUGIN_ variables.
woodpecker() {
    local status=0 file=$scratch/files/src/retry.env
    begin "Woodpecker plugin: settings as PLUGIN_ variables"
    mkdir -p "$scratch/files/src"
    contained --workdir /woodpecker/src/project -v "$scratch/files/src:/woodpecker/src/project" \
        -e CI=woodpecker -e CI_SYSTEM_NAME=woodpecker -e CI_WORKSPACE=/woodpecker/src/project \
        -e PLUGIN_PROJECT_ID=$project_id -e PLUGIN_PIPELINE_ID=$pipeline_id -e PLUGIN_PIPELINE_RUN_ID=latest \
        -e PLUGIN_ENDPOINT="$url" -e PLUGIN_AUTH_TOKEN=$auth_token -e PLUGIN_JOB_RUN_IDS= \
        -e PLUGIN_OUTPUT_FILE=retry.env localhost/bare:1 || status=$?
    same "the exit code" "$status" 0
    same "outcome" "$(dotenv "$file" CODEARTS_RETRY_OUTCOME)" accepted
    same "the run" "$(dotenv "$file" CODEARTS_RETRY_PIPELINE_RUN_ID)" $pipeline_run_id
    same "retries that took effect" "$(counter retry_effects)" 1
    not_logged "$auth_token"
    end
}

# Tekton's own binary is the entry point, in a volume, and starts the image's (here BusyBox does); a policy often demands another user than
# root, no capabilities and a root file system that cannot be written.
tekton() {
    local status=0 name results=$scratch/files/results
    begin "Tekton step: a folder of results, another user, nothing else to write to"
    mkdir -p "$results" "$scratch/files/tekton"
    chmod 777 "$results"
    cp "$busybox" "$scratch/files/tekton/busybox"
    contained --read-only --cap-drop all --security-opt no-new-privileges --user 65532:65532 \
        -v "$scratch/files/tekton:/tekton/bin:ro" -v "$results:/tekton/results" \
        --entrypoint '["/tekton/bin/busybox", "sh", "-c", "exec /codearts-retry"]' \
        -e INPUT_PROJECT_ID=$project_id -e INPUT_PIPELINE_ID=$pipeline_id -e INPUT_PIPELINE_RUN_ID=$pipeline_run_id \
        -e INPUT_ENDPOINT="$url" -e INPUT_AUTH_TOKEN=$auth_token -e INPUT_OUTPUT_FILE=/tekton/results/ localhost/bare:1 ||
        status=$?
    same "the exit code" "$status" 0
    for name in success=true outcome=accepted retried=true 'failed_jobs=[]' error_code=; do
        same "${name%%=*}" "$(cat "$results/${name%%=*}" 2>&1)" "${name#*=}"
    done
    [ "$(cat "$results"/* | wc -c)" -lt 4096 ] || complain "the results are too large"
    same "retries that took effect" "$(counter retry_effects)" 1
    end
}

# The runner starts whichever shell the image has and gives it the job's script on standard input.
find_shell='if [ -x /usr/local/bin/bash ]; then exec /usr/local/bin/bash; elif [ -x /bin/bash ]; then exec /bin/bash; elif [ -x /bin/sh ]; then exec /bin/sh; else exit 1; fi'
gitlab() {
    local status=0 file=$scratch/files/builds/retry.env
    begin "GitLab job on the shell image: a script, and a dotenv report that the next job reads"
    mkdir -p "$scratch/files/builds"
    podman run --pull=never --rm -i -v "$scratch/files/builds:/builds/group/project" --workdir /builds/group/project \
        -e GITLAB_CI=true -e CI=true -e CI_PROJECT_DIR=/builds/group/project \
        -e INPUT_PROJECT_ID=$project_id -e INPUT_PIPELINE_ID=$pipeline_id -e INPUT_PIPELINE_RUN_ID=$pipeline_run_id \
        -e INPUT_ENDPOINT="$url" -e HUAWEICLOUD_SDK_AK=$access_key_id -e HUAWEICLOUD_SDK_SK=$secret_access_key \
        -e INPUT_OUTPUT_FILE=retry.env localhost/shell:1 sh -c "$find_shell" > "$scratch/log" 2>&1 << 'SCRIPT' || status=$?
set -eo pipefail
echo '$ codearts-retry'
codearts-retry
echo 'the script went on'
SCRIPT
    same "the exit code" "$status" 0
    logged "the script went on"
    same "outcome" "$(dotenv "$file" CODEARTS_RETRY_OUTCOME)" accepted
    same "retries that took effect" "$(counter retry_effects)" 1
    end
}

gitlab_forbidden() {
    local status=0 file=$scratch/files/builds/retry.env
    begin "GitLab job on the shell image: the exit code is the job's, and the report is there all the same"
    mkdir -p "$scratch/files/builds"
    control -X POST -H 'Content-Type: application/json' "$url/_sandbox/faults" --data \
        '{"on":"RETRY","what":{"kind":"ERROR","status":403,"code":"DEVPIPE.30011011","message":"no permission"}}' > /dev/null
    printf 'set -e\ncodearts-retry\necho "the script went on"\n' |
        podman run --pull=never --rm -i -v "$scratch/files/builds:/builds" --workdir /builds -e GITLAB_CI=true \
            -e INPUT_PROJECT_ID=$project_id -e INPUT_PIPELINE_ID=$pipeline_id -e INPUT_PIPELINE_RUN_ID=$pipeline_run_id \
            -e INPUT_ENDPOINT="$url" -e INPUT_AUTH_TOKEN=$auth_token -e INPUT_OUTPUT_FILE=retry.env \
            localhost/shell:1 sh -c "$find_shell" > "$scratch/log" 2>&1 || status=$?
    same "the exit code" "$status" 4
    not_logged "the script went on"
    same "outcome" "$(dotenv "$file" CODEARTS_RETRY_OUTCOME)" forbidden
    same "error_code" "$(dotenv "$file" CODEARTS_RETRY_ERROR_CODE)" DEVPIPE.30011011
    end
}

# What the release workflow pushes, into folders instead.
release_images() {
    local kind digests=$scratch/release.tree
    begin "the images of a release: both kinds, each for two architectures, the same twice"
    mkdir -p "$digests/bin/linux-arm64"
    cp -r "$scratch/context/." "$digests/"
    cp "$program_arm64" "$digests/bin/linux-arm64/codearts-retry"
    release_images_once
    for kind in bare shell; do
        same "the architectures of $kind" \
            "$(podman manifest inspect "$(release_name "$kind")" | sed -n 's/.*"architecture": "\(.*\)".*/\1/p' | sort | tr '\n' ' ')" 'amd64 arm64 '
        mv "$digests.$kind.digest" "$scratch/$kind.first"
        rm -rf "$digests.$kind.oci"
    done
    release_images_once
    for kind in bare shell; do
        same "the digest of $kind" "$(cat "$digests.$kind.digest")" "$(cat "$scratch/$kind.first")"
    done
    # A runner with another version of buildah must come to the same digest. (The base of the other kind is the tests' own.)
    ! grep -rq io.buildah.version "$digests.bare.oci/blobs" || complain "the image names the program that built it"
    contained --platform linux/arm64 -v "$(command -v qemu-aarch64-static):/qemu:ro" \
        --entrypoint '["/qemu", "/codearts-retry"]' "$(release_name bare)" --version || complain "the one for arm64 does not run"
    logged "$("$program" --version)"
    end
}
release_name() { if [ "$1" = bare ]; then echo localhost/release:1.2.3; else echo localhost/release:1.2.3-shell; fi; }
release_images_once() {
    SHELL_BASE=localhost/shell-base:1 "$root/release/image.sh" 1.2.3 "$scratch/release.tree" localhost/release \
        0123456789abcdef0123456789abcdef01234567 'https://localhost/someone/codearts-retry' >> "$scratch/log" 2>&1 ||
        complain "image.sh failed"
}

# As a release does: without a tag first, then the tag; a try that was broken off anywhere can be repeated.
pushed_images() {
    local address=127.0.0.1:18099 image try
    image=$address/someone/codearts-retry
    begin "the images are pushed under their digests, and named by a tag last"
    cat > "$scratch/registry.yml" << REGISTRY
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $scratch/registry } }
http: { addr: $address }
REGISTRY
    docker-registry serve "$scratch/registry.yml" > "$scratch/registry.log" 2>&1 < /dev/null &
    registry=$!
    for _ in $(seq 100); do
        if control "http://$address/v2/" > /dev/null 2>&1; then break; fi
        sleep 0.1
    done
    # In a home of its own, since older versions of skopeo know no variable for this file.
    mkdir -p "$scratch/home/.config/containers"
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$address" > "$scratch/home/.config/containers/registries.conf"
    at_home() { env -u XDG_CONFIG_HOME HOME="$scratch/home" "$@" >> "$scratch/log" 2>&1; }
    push() {
        at_home "$root/release/push_image.sh" 1.2.3 "$scratch/release.tree" "$image" "$@" || complain "push_image.sh failed"
    }
    # Without any it is `null`, or the name is not known.
    tags() {
        curl -sS --noproxy '*' --max-time 10 "http://$address/v2/someone/codearts-retry/tags/list" |
            sed -n 's/.*"tags":\[\([^]]*\)\].*/\1/p' | tr -d '"' | tr , '\n' | sort | tr '\n' ' '
    }
    for try in first second; do
        push
        same "the tags after the $try push" "$(tags)" ''
    done
    for try in first second; do
        push tag
        same "the tags after the $try time they were set" "$(tags)" '1.2.3 1.2.3-shell '
    done
    manifest_sum() {
        control -H 'Accept: application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json' \
            "http://$address/v2/someone/codearts-retry/manifests/$1" | sha256sum | cut -d ' ' -f 1
    }
    same "the bytes under 1.2.3" "sha256:$(manifest_sum 1.2.3)" "$(cat "$scratch/release.tree.bare.digest")"
    same "the bytes under 1.2.3-shell" "sha256:$(manifest_sum 1.2.3-shell)" "$(cat "$scratch/release.tree.shell.digest")"
    end

    begin "a tag that leads to another image is refused, and stays"
    at_home skopeo copy --all "docker://$image:1.2.3" "docker://$image:1.2.3-shell" || complain "skopeo failed"
    for try in '' tag; do
        ! at_home "$root/release/push_image.sh" 1.2.3 "$scratch/release.tree" "$image" ${try:+"$try"} || complain "it was taken"
    done
    same "how often it was said" "$(grep -c "$image:1.2.3-shell exists, and is another image" "$scratch/log")" 2
    # A registry that answers everything but this question.
    mkdir "$scratch/deaf"
    # shellcheck disable=SC2016  # the parameters of that script
    printf '#!/bin/sh\n[ "$1" != inspect ] || { echo "503 (Service Unavailable)" >&2; exit 1; }\nexec %s "$@"\n' "$(command -v skopeo)" \
        > "$scratch/deaf/skopeo"
    chmod +x "$scratch/deaf/skopeo"
    ! PATH=$scratch/deaf:$PATH at_home "$root/release/push_image.sh" 1.2.3 "$scratch/release.tree" "$image" tag ||
        complain "it was taken for a tag that is free"
    same "the bytes under 1.2.3-shell" "sha256:$(manifest_sum 1.2.3-shell)" "$(cat "$scratch/release.tree.bare.digest")"
    kill "$registry"
    registry=
    end
}

build
start_sandbox
image
docker_action "docker action: hyphenated inputs, outputs under /github/file_commands"
docker_action "docker action with no capability and a root file system that cannot be written" \
    --read-only --cap-drop all --cap-add dac_override --security-opt no-new-privileges
docker_action "docker action as the user that owns the mounts" --user 1001:1001
docker_action_invalid
https
no_network
signalled TERM 143
signalled INT 130
woodpecker
tekton
gitlab
gitlab_forbidden
if [ -n "$program_arm64" ]; then
    release_images
    pushed_images
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
