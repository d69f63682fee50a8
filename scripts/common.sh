# Sourced by the scripts: steps say what they do, and a failing step says how to mend it.
set -Eeuo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mend=""

say() { printf '==> %s\n' "$*" >&2; }

# step WHAT HINT: what is done next, and what to do when it fails. An empty hint: the called script gives its own.
step() {
  mend=$2
  say "$1"
}

# die FACT HINT
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  [[ -z ${2:-} ]] || printf 'To mend it: %s\n' "$2" >&2
  exit 1
}

on_error() {
  local code=$? command=$BASH_COMMAND
  [[ -z $mend ]] || printf '%s: failed with exit code %d: %s\nTo mend it: %s\n' "${0##*/}" "$code" "$command" "$mend" >&2
  exit "$code"
}
trap on_error ERR

# The comment at the head of a script is its help.
usage() { awk 'NR > 1 && !/^#/ {exit} NR > 1 {sub(/^# ?/, ""); print}' "$0"; }

wrong_usage() {
  printf '%s: %s\n\n' "${0##*/}" "$1" >&2
  usage >&2
  exit 2
}
