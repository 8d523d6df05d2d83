#!/bin/sh
# Stands in for the program where only the wrapper is under test. It records what it was given and answers as the
# program would:
#   STAND_IN_RECORD  file for the INPUT_ variables it sees, NUL-separated
#   STAND_IN_EXIT    exit code (0)
#   STAND_IN_MODE    `mute` writes no output; `hang` waits for a signal and reports it
set -eu

code=${STAND_IN_EXIT:-0}
mode=${STAND_IN_MODE:-answer}

if [ -n "${STAND_IN_RECORD:-}" ]; then
    env -0 | grep -z '^INPUT_' | LC_ALL=C sort -z > "$STAND_IN_RECORD"
fi

answer() {
    [ "$1" -eq 0 ] && success=true || success=false
    for name in outcome status retried retries attempts pipeline_run_id run_number run_url queue_id error_code \
        error_message http_status request_id failed_jobs duration_seconds result; do
        printf '%s<<stand-in\nvalue of %s\n%s=<<%s\nstand-in\n' "$name" "$name" "$name" "$1"
    done >> "$GITHUB_OUTPUT"
    printf 'success<<stand-in\n%s\nstand-in\n' "$success" >> "$GITHUB_OUTPUT"
}

case $mode in
    mute) ;;
    hang)
        trap 'answer 130; exit 130' INT
        trap 'answer 143; exit 143' TERM
        echo "stand-in waits as $$"
        # Bounded, so that a wrapper that swallows the signal leaves nothing running for long.
        for _ in $(seq 200); do sleep 0.05; done
        ;;
    *) answer "$code" ;;
esac
exit "$code"
