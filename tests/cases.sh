# shellcheck shell=sh
# The cases of a script that tests: what one says, how it ends, what it looks for. Sourced by tests/*/run.sh, which
# begin their cases themselves and keep what a case prints in "$scratch/log".

# shellcheck disable=SC2034,SC2154  # read by the scripts, and set by them
passed=0
failed=0
case_name=
case_failed=0

complain() { echo "    $*"; case_failed=1; }
end() {
    if [ "$case_failed" -eq 0 ]; then
        passed=$((passed + 1)); echo "ok      $case_name"
    else
        failed=$((failed + 1)); echo "FAILED  $case_name"; sed 's/^/    | /' "$scratch/log"
    fi
}
same() { [ "$2" = "$3" ] || complain "$1 is '$2', not '$3'"; }
logged() { grep -Fq -- "$1" "$scratch/log" || complain "the log does not say: $1"; }
not_logged() { ! grep -Fq -- "$1" "$scratch/log" || complain "the log says: $1"; }
