#!/usr/bin/env bash
# Runs fuzz targets one after another: fuzz/run.sh SECONDS [TARGET…], without names all of them. What is found is in
# fuzz/artifacts, and the inputs that lead to new places in fuzz/corpus-found, beside the seeds of fuzz/corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=$1
shift
if [ $# -eq 0 ]; then
    for target in fuzz/fuzz_targets/*.rs; do set -- "$@" "$(basename "$target" .rs)"; done
fi

# No sanitizer: none of this code is unsafe, so one finds nothing in it. Without it, the stable toolchain will do.
cargo fuzz build --sanitizer none
for target in "$@"; do
    mkdir -p "fuzz/corpus-found/$target"
    log=fuzz/corpus-found/$target.log
    if ! cargo fuzz run --sanitizer none "$target" "fuzz/corpus-found/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -dict="fuzz/dictionaries/$target.dict" -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 > "$log" 2>&1; then
        tail -n 60 "$log"
        echo "$target FAILED: a test case is in fuzz/artifacts/$target" >&2
        exit 1
    fi
    # The last line of the progress: #12345 DONE cov: 678 ft: 1234 corp: 56/7890b … exec/s: 4115 …
    awk -v target="$target" '/^#[0-9]+.*DONE/ { runs = substr($1, 2); for (i = 2; i < NF; i++) value[$i] = $(i + 1) }
        END { printf "%-12s %9d runs, %5d a second, %5d edges, %5d features\n", target, runs,
            value["exec/s:"], value["cov:"], value["ft:"]; exit runs == 0 }' "$log"
done
