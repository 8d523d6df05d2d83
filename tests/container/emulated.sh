#!/usr/bin/env bash
# Runs a program for another architecture under an emulator: its version, a retry over http and one over https.
#
#   tests/container/emulated.sh EMULATOR PROGRAM SANDBOX
set -Eeuo pipefail
trap 'echo "line $LINENO failed" >&2' ERR
export LC_ALL=C

emulator=$1
program=$2
sandbox=$3
scratch=$(mktemp -d)
service=
clean_up() {
    if [ -n "$service" ]; then kill "$service" 2> /dev/null || true; fi
    rm -rf "$scratch"
}
trap clean_up EXIT

"$emulator" "$program" --version

"$sandbox" --ca-file "$scratch/ca.pem" > "$scratch/sandbox.log" 2>&1 < /dev/null &
service=$!
for _ in $(seq 100); do
    if grep -q 'listening on https' "$scratch/sandbox.log"; then break; fi
    sleep 0.1
done

url=$(sed -n 's#^listening on \(http://.*\)#\1#p' "$scratch/sandbox.log")
control() { curl -fsS --noproxy '*' --max-time 10 "$@"; }

for scheme in http https; do
    endpoint=$(sed -n "s#^listening on \($scheme://.*\)#\1#p" "$scratch/sandbox.log")
    control -X POST "$url/_sandbox/reset" > /dev/null
    env -i INPUT_ENDPOINT="$endpoint" SSL_CERT_FILE="$scratch/ca.pem" \
        INPUT_PROJECT_ID=d80a8a6530324b7bac972cbb8a9f28ec \
        INPUT_PIPELINE_ID=8bfbd69eac154a0da341705a36294aca \
        INPUT_PIPELINE_RUN_ID=94511c7207474053ab5f6e2dd5624cd5 \
        INPUT_ACCESS_KEY_ID=SANDBOXACCESSKEY0001 \
        INPUT_SECRET_ACCESS_KEY=SandboxSecretKeyNotReal0000000000000001 \
        INPUT_OUTPUT_FILE="$scratch/$scheme.env" "$(command -v "$emulator")" "$program" > "$scratch/log" || {
        cat "$scratch/log" >&2
        exit 1
    }
    grep -qx 'CODEARTS_RETRY_OUTCOME=accepted' "$scratch/$scheme.env"
    effects=$(control "$url/_sandbox/counters" | grep -Eo '"retry_effects": *[0-9]+')
    [ "${effects##*[!0-9]}" = 1 ]
    echo "a retry over $scheme: accepted"
done
