# Shared by the scripts beside it; to be sourced, not run.
#
# Everything that a local Tender writes is under one folder, TENDER_LOCAL_DIR (default: .local in the
# repository), so that `make up` and `make test` can live side by side and a wipe is one folder.
# shellcheck shell=bash

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
LOCAL_DIR="${TENDER_LOCAL_DIR:-$ROOT/.local}"
RUN_DIR="$LOCAL_DIR/run"
LOG_DIR="$LOCAL_DIR/log"

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root, directly or through sudo; fails when neither is possible.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether something on this machine listens at 127.0.0.1:$1.
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints a port that nothing listens at, below the range the kernel gives to outgoing connections.
free_port() {
  local port try
  for try in $(seq 1 100); do
    port=$((20000 + (RANDOM * 7 + try) % 12000))
    if ! port_answers "$port"; then echo "$port"; return 0; fi
  done
  die "found no free port between 20000 and 32000"
}

# The start time of a process in clock ticks since boot. With the id it names one process for ever,
# which the id alone does not: ids are used again.
started_at() {
  local stat fields
  stat="$(cat "/proc/$1/stat" 2>/dev/null)" || return 1
  # The second field may hold spaces and brackets; what follows the last bracket is fixed.
  read -ra fields <<<"${stat##*) }"
  echo "${fields[19]}"
}

# remember NAME PID: writes the pid file of a process that was just started.
remember() {
  mkdir -p "$RUN_DIR"
  echo "$2 $(started_at "$2" || echo 0)" >"$RUN_DIR/$1.pid"
}

# Prints the id of process NAME when it is the one that was started here and still lives; else fails.
pid_of() {
  local pid start
  [ -f "$RUN_DIR/$1.pid" ] || return 1
  read -r pid start <"$RUN_DIR/$1.pid" || return 1
  [ "$(started_at "$pid")" = "$start" ] || return 1
  # A process that has ended but was not collected yet is not alive.
  ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null || return 1
  echo "$pid"
}

# launch NAME COMMAND...: starts a process detached from this terminal (a Ctrl-C here does not
# reach it), with its output in the log folder, and remembers its id.
launch() {
  local name="$1"; shift
  mkdir -p "$RUN_DIR" "$LOG_DIR"
  # The inner shell writes its own id and then becomes the command, so the id is the command's.
  # Descriptor 9 is the lock of the script that calls us; the process must not inherit it.
  # shellcheck disable=SC2016
  setsid env -u TENDER_FOLDER_LOCKED bash -c 'echo $$ >"$1"; shift; exec "$@"' launch "$RUN_DIR/$name.starting" "$@" \
    </dev/null >>"$LOG_DIR/$name.log" 2>&1 9>&- &
  local waited=0
  until [ -s "$RUN_DIR/$name.starting" ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || die "$name did not start; see $LOG_DIR/$name.log"
    sleep 0.05
  done
  remember "$name" "$(cat "$RUN_DIR/$name.starting")"
  rm -f "$RUN_DIR/$name.starting"
}

# end NAME SECONDS: asks the process to end, waits that long, and only then kills it.
end() {
  local name="$1" limit_seconds="$2" pid waited=0
  if ! pid="$(pid_of "$name")"; then rm -f "$RUN_DIR/$name.pid"; return 0; fi
  kill -TERM "$pid" 2>/dev/null || true
  while pid_of "$name" >/dev/null; do
    if [ "$waited" -ge $((limit_seconds * 10)) ]; then
      say "$name ($pid) did not end within $limit_seconds s and is killed" >&2
      kill -KILL "$pid" 2>/dev/null || true
      limit_seconds=$((limit_seconds + 10))
    fi
    waited=$((waited + 1))
    sleep 0.1
  done
  rm -f "$RUN_DIR/$name.pid"
}

# wait_until SECONDS NAME CONDITION...: waits for a condition, and gives up at once when the process
# that was to bring it about has ended. On giving up prints the end of its log.
wait_until() {
  local limit_seconds="$1" name="$2" started=$SECONDS; shift 2
  until "$@"; do
    if ! pid_of "$name" >/dev/null; then
      tail -n 25 "$LOG_DIR/$name.log" >&2 || true
      die "$name ended while it was starting; its log is $LOG_DIR/$name.log"
    fi
    if [ $((SECONDS - started)) -ge "$limit_seconds" ]; then
      tail -n 25 "$LOG_DIR/$name.log" >&2 || true
      die "$name was not ready within $limit_seconds s; its log is $LOG_DIR/$name.log"
    fi
    sleep 0.2
  done
}

# Keeps two scripts from working on the same folder at once. Held until the script ends; a script that
# this one calls works under the same lock.
lock_folder() {
  if [ "${TENDER_FOLDER_LOCKED:-}" = "$LOCAL_DIR" ]; then return 0; fi
  export TENDER_FOLDER_LOCKED="$LOCAL_DIR"
  mkdir -p "$LOCAL_DIR"
  exec 9>"$LOCAL_DIR/.lock"
  flock -w 300 9 || die "another set-up has held $LOCAL_DIR for five minutes; end it and try again"
}

# Prints the folder with the newest PostgreSQL server programs of version 15 or later; fails if there is none.
postgres_bin() {
  local dir version best="" best_version=0
  for dir in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    if [ ! -x "$dir/initdb" ] || [ ! -x "$dir/postgres" ]; then continue; fi
    version="$("$dir/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')"
    if [ "$version" -ge 15 ] && [ "$version" -gt "$best_version" ]; then
      best="$dir"
      best_version="$version"
    fi
  done
  [ -n "$best" ] && echo "$best"
}

# Prints the processes of Tender in the order they start: "name program arguments", one a line.
processes() { grep -vE '^[[:space:]]*(#|$)' "$ROOT/deploy/env/processes"; }

# Prints one setting of one process, as that process reads it.
setting() { "$ROOT/deploy/env/with-env.sh" "$1" printenv "$2"; }

is_ready() { curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$1/readyz" 2>/dev/null; }

# Sets what the settings files leave open on this machine: folders, ports and the sandbox's secrets.
export_local_environment() {
  local file name
  export SECRETS_DIR="$LOCAL_DIR/secrets"
  export FILES_DIR="$LOCAL_DIR/files"
  PG_PORT="${PG_PORT:-5433}"
  KAFKA_PORT="${KAFKA_PORT:-9092}"
  export PG_PORT KAFKA_PORT
  [ -d "$SECRETS_DIR" ] || return 0
  for file in "$SECRETS_DIR"/db-*.password; do
    [ -e "$file" ] || continue
    name="$(basename "$file" .password | tr 'a-z-' 'A-Z_' | sed 's/^DB_/DB_PASSWORD_/')"
    export "$name=$(cat "$file")"
  done
  if [ -e "$SECRETS_DIR/pg.password" ]; then
    PG_ADMIN_PASSWORD="$(cat "$SECRETS_DIR/pg.password")"
    export PG_ADMIN_PASSWORD
  fi
}
