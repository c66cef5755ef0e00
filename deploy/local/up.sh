#!/usr/bin/env bash
# Starts the whole platform on this machine, each part the real one: PostgreSQL, Apache Kafka, the
# simulated gateway, the five services and the edge in front of them. What already runs is left alone.
#
# The programs are taken from TENDER_BIN_DIR (target/release). `make up` builds them first.
# Ports: EDGE_PORT, PG_PORT, KAFKA_PORT, KAFKA_CONTROLLER_PORT, and NAME_PORT and NAME_METRICS_PORT of each process.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

BIN_DIR="${TENDER_BIN_DIR:-$ROOT/target/release}"
READY_LIMIT_SECONDS=60
HERE="$ROOT/deploy/local"

# shellcheck disable=SC2317  # called by the trap below
on_exit() {
  [ "$1" -ne 0 ] || return 0
  say "" >&2
  say "The start was given up. What was started still runs; end it with: make down" >&2
}

check_programs() {
  local name program rest
  while read -r name program rest; do
    [ -x "$BIN_DIR/$program" ] || die "there is no program $BIN_DIR/$program for $name; build it with: make build"
  done < <(processes)
}

start_parts() {
  "$HERE/pg.sh" start
  "$HERE/kafka.sh" start
  "$ROOT/deploy/env/secrets.sh" "$LOCAL_DIR/secrets"
  export_local_environment
  # A server that was left running may be at another port than the one asked for now.
  PG_PORT="$("$HERE/pg.sh" url | sed -E 's|.*:([0-9]+)/[^/]*$|\1|')"
  KAFKA_PORT="$(cat "$LOCAL_DIR/kafka/port")"
}

migrate() {
  say "migrate: schemas and roles ..."
  mkdir -p "$LOG_DIR"
  "$ROOT/deploy/env/with-env.sh" migrate "$BIN_DIR/tender" migrate >"$LOG_DIR/migrate.log" 2>&1 9>&- </dev/null || {
    tail -n 25 "$LOG_DIR/migrate.log" >&2
    die "the migration failed; its log is $LOG_DIR/migrate.log"
  }
}

start_processes() {
  local name program port
  local -a arguments
  while read -r -a arguments; do
    name="${arguments[0]}"
    program="${arguments[1]}"
    if pid_of "$name" >/dev/null; then say "$name: already runs"; continue; fi
    port="$(setting "$name" TENDER__HTTP__PORT)"
    if port_answers "$port"; then die "port $port of $name is taken by another program; choose one with ${name^^}_PORT"; fi
    say "$name: starting at 127.0.0.1:$port ..."
    launch "$name" "$ROOT/deploy/env/with-env.sh" "$name" "$BIN_DIR/$program" "${arguments[@]:2}"
    echo "$port" >"$RUN_DIR/$name.port"
  done < <(processes)
}

wait_for_processes() {
  local name rest
  while read -r name rest; do
    wait_until "$READY_LIMIT_SECONDS" "$name" is_ready "$(cat "$RUN_DIR/$name.port")"
  done < <(processes)
}

# Runs a command of `tender` on the database of operations, where tenants and keys are.
as_operations() { "$ROOT/deploy/env/with-env.sh" operations "$BIN_DIR/tender" "$@" 2>>"$LOG_DIR/admin.log" 9>&-; }

# Whether the key in the file is one of this database.
admin_key_counts() {
  local port
  port="$(cat "$RUN_DIR/operations.port")"
  [ -s "$RUN_DIR/admin.key" ] || return 1
  # The key goes in by standard input: arguments are for all eyes.
  printf 'header = "Authorization: Bearer %s"\n' "$(cat "$RUN_DIR/admin.key")" |
    curl -fsS -o /dev/null -m 5 -K - "http://127.0.0.1:$port/v1/payments/keys?limit=1" 2>/dev/null
}

# Tenant `sandbox` and an admin key of it, in .local/run/admin.key, as `tender run` writes one.
ensure_admin_key() {
  if admin_key_counts; then return 0; fi
  if ! as_operations tenant list | cut -f1 | grep -x sandbox >/dev/null; then
    as_operations tenant create sandbox >/dev/null || die "tenant sandbox was not made; see $LOG_DIR/admin.log"
  fi
  (umask 077 && as_operations key create --tenant sandbox --name "local admin" --role admin >"$RUN_DIR/admin.key") ||
    die "no admin key was issued; see $LOG_DIR/admin.log"
  say "admin key of tenant sandbox: ${RUN_DIR#"$ROOT"/}/admin.key"
}

lock_folder
trap 'on_exit $?' EXIT
check_programs
start_parts
migrate
start_processes
wait_for_processes
"$HERE/edge.sh" start
ensure_admin_key
say ""
"$HERE/status.sh"
