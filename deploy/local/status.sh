#!/usr/bin/env bash
# Prints what of the platform runs on this machine, and where. Fails unless all of it is ready.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

all_ready=0
row() { printf '%-12s %-34s %-10s %s\n' "$@"; }

# server NAME SCRIPT: a row for PostgreSQL, Kafka or the edge, from what its own script says.
server() {
  local told
  if told="$("$ROOT/deploy/local/$2" status 2>/dev/null)"; then
    row "$1" "$(sed -E 's/.* at ([0-9.:]+).*/\1/' <<<"$told")" "ready" ""
  else
    row "$1" "-" "down" ""
    all_ready=1
  fi
}

row "part" "address" "state" "log"
server postgresql pg.sh
server kafka kafka.sh
while read -r name _; do
  address="-"
  state="down"
  if pid_of "$name" >/dev/null; then
    port="$(cat "$RUN_DIR/$name.port" 2>/dev/null || echo 0)"
    address="http://127.0.0.1:$port"
    state="not ready"
    if is_ready "$port"; then state="ready"; fi
  fi
  [ "$state" = "ready" ] || all_ready=1
  row "$name" "$address" "$state" "${LOG_DIR#"$ROOT"/}/$name.log"
done < <(processes)
server edge edge.sh
exit "$all_ready"
