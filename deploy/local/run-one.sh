#!/usr/bin/env bash
# Runs one process of a platform that up.sh has started, in the foreground and in place of the one that ran: for a person
# who wants to watch it, and for tests that want to see how it ends. up.sh starts it in the background again.
#
#   run-one.sh NAME      a name of deploy/env/processes, whose process does not run
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

BIN_DIR="${TENDER_BIN_DIR:-$ROOT/target/release}"
wanted="${1:?which process? the names are in deploy/env/processes}"
if pid="$(pid_of "$wanted")"; then die "$wanted runs already, as process $pid"; fi
export_local_environment
PG_PORT="$("$ROOT/deploy/local/pg.sh" url | sed -E 's|.*:([0-9]+)/[^/]*$|\1|')"
KAFKA_PORT="$(cat "$LOCAL_DIR/kafka/port")"
found=()
while read -r -a arguments; do
  if [ "${arguments[0]}" = "$wanted" ]; then found=("${arguments[@]}"); fi
done < <(processes)
[ "${#found[@]}" -gt 1 ] || die "there is no process $wanted in deploy/env/processes"
exec "$ROOT/deploy/env/with-env.sh" "$wanted" "$BIN_DIR/${found[1]}" "${found[@]:2}"
