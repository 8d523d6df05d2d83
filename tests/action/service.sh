#!/usr/bin/env bash
# What the self-test of the action needs besides the action: the program in its place, and a service to talk to.
#
#   service.sh place                  the program to bin/<os>-<arch>/, built with cargo unless PROGRAM names one
#   service.sh start                  the sandbox, built likewise unless SANDBOX names one; prints url=… for GITHUB_OUTPUT
#   service.sh script FAULT…          back to the start, then these faults (JSON) happen
#   service.sh cancel                 a waiting step of the program in its place gets SIGTERM; prints exit code and stops
#   service.sh effects                how many retries took effect since then
#   service.sh same NAME GOT WANTED…  fails if a pair differs
#
# URL names the running sandbox for `script`, `cancel` and `effects`; the ids and the token come from the environment too.
set -euo pipefail

control() { curl -fsS --noproxy '*' --max-time 10 "$@"; }

place() {
    local os arch suffix='' program=${PROGRAM:-}
    case $RUNNER_OS in
        Linux) os=linux ;;
        macOS) os=macos ;;
        Windows) os=windows suffix=.exe ;;
        *) echo "no platform for $RUNNER_OS" >&2; return 1 ;;
    esac
    case $RUNNER_ARCH in
        X64) arch=x64 ;;
        ARM64) arch=arm64 ;;
        *) echo "no platform for $RUNNER_ARCH" >&2; return 1 ;;
    esac
    if [ -z "$program" ]; then
        cargo build --locked --release --bin codearts-retry
        program=target/release/codearts-retry$suffix
    fi
    mkdir -p "bin/$os-$arch"
    cp "$program" "bin/$os-$arch/codearts-retry$suffix"
}

start() {
    local program=${SANDBOX:-} log url
    if [ -z "$program" ]; then
        cargo build --locked -p codearts-sandbox >&2
        program=target/debug/codearts-sandbox
    fi
    log=$(mktemp)
    # Must live on after this step; act hangs up on what a step leaves behind.
    nohup "$program" --tick-scale 0.05 > "$log" 2>&1 < /dev/null &
    for _ in $(seq 100); do
        url=$(grep -Eo 'http://127\.0\.0\.1:[0-9]+' "$log" | head -n 1) || true
        if [ -n "$url" ]; then
            echo "url=$url"
            echo "pid=$!"
            return 0
        fi
        sleep 0.1
    done
    cat "$log" >&2
    echo "the sandbox did not say where it listens" >&2
    return 1
}

script() {
    local fault
    control -X POST "$URL/_sandbox/reset" > /dev/null
    for fault in "$@"; do
        control -X POST -H 'Content-Type: application/json' --data "$fault" "$URL/_sandbox/faults" > /dev/null
    done
}

cancel() {
    local program pid code=0
    program=$(find bin -type f -name codearts-retry | head -n 1)
    control -X POST -H 'Content-Type: application/json' --data '{"verdicts":["PAUSED"]}' "$URL/_sandbox/run" > /dev/null
    env -u GITHUB_ACTIONS INPUT_ENDPOINT="$URL" INPUT_PROJECT_ID="$PROJECT_ID" INPUT_PIPELINE_ID="$PIPELINE_ID" \
        INPUT_PIPELINE_RUN_ID="$PIPELINE_RUN_ID" INPUT_AUTH_TOKEN="$AUTH_TOKEN" INPUT_WAIT=true \
        INPUT_POLL_INTERVAL=1s INPUT_ON_CANCEL=stop "$program" >&2 &
    pid=$!
    for _ in $(seq 100); do
        [ "$(effects)" = 0 ] || break
        sleep 0.1
    done
    kill -TERM "$pid"
    wait "$pid" || code=$?
    echo "$code $(control "$URL/_sandbox/counters" | grep -Eo '"stops": *[0-9]+' | grep -Eo '[0-9]+$')"
}

effects() {
    control "$URL/_sandbox/counters" | grep -Eo '"retry_effects": *[0-9]+' | grep -Eo '[0-9]+$'
}

same() {
    local status=0
    while [ $# -gt 0 ]; do
        if [ "$2" = "$3" ]; then
            echo "$1 is $2"
        else
            echo "::error::$1 is '$2', not '$3'"
            status=1
        fi
        shift 3
    done
    return "$status"
}

command=$1
shift
"$command" "$@"
