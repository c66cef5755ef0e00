#!/bin/sh
# Runs a command with the settings of one process of Tender: common.env, then NAME.env, of this folder.
#
#   with-env.sh NAME COMMAND [ARGUMENT...]
#
# The local set-up and the container image both start every process through this, so both read the
# same files in the same way. A line is KEY=VALUE; in a value ${NAME:-default} stands for what differs
# from place to place (host names, ports, folders), ${NAME} for what has to be given. Nothing else is
# expanded and nothing in these files is ever executed. A variable that is already set wins.
set -eu

here="$(cd "$(dirname "$0")" && pwd)"

# expand TEXT: prints TEXT with its placeholders replaced by variables of this environment.
expand() {
  text="$1"
  while :; do
    # shellcheck disable=SC2016  # the characters themselves are meant
    case "$text" in *'${'*'}'*) ;; *) break ;; esac
    before="${text%%\$\{*}"
    rest="${text#*\$\{}"
    inside="${rest%%\}*}"
    text="${rest#*\}}"
    name="${inside%%:-*}"
    case "$name" in '' | *[!A-Z0-9_]*) echo "error: \${$inside} in $file is no placeholder; write \${NAME} or \${NAME:-default}" >&2; exit 1 ;; esac
    # Safe: the name was just checked to be a plain variable name.
    eval "value=\${$name:-}"
    if [ -z "$value" ]; then
      case "$inside" in
        *:-*) value="${inside#*:-}" ;;
        *) echo "error: $file needs the variable $name, which is not set" >&2; exit 1 ;;
      esac
    fi
    printf '%s%s' "$before" "$value"
  done
  printf '%s' "$text"
}

load() {
  file="$1"
  [ -r "$file" ] || { echo "error: no settings file $file" >&2; exit 1; }
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in
      '' | '#'*) continue ;;
      [A-Z]*=*) ;;
      *) echo "error: cannot read this line of $file (want KEY=VALUE): $line" >&2; exit 1 ;;
    esac
    key="${line%%=*}"
    case "$key" in *[!A-Z0-9_]*) echo "error: $key in $file is no name of a variable" >&2; exit 1 ;; esac
    case " $given " in *" $key "*) continue ;; esac
    value="$(expand "${line#*=}")"
    export "$key=$value"
  done <"$file"
}

if [ "$#" -lt 2 ]; then
  echo "usage: with-env.sh NAME COMMAND [ARGUMENT...]" >&2
  exit 2
fi
name="$1"
shift
# What was set before any file was read; a process's own file may override the common one, but not this.
given="$(env | sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p' | tr '\n' ' ')"
load "$here/common.env"
load "$here/$name.env"
exec "$@"
