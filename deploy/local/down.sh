#!/usr/bin/env bash
# Ends everything that up.sh started, in the reverse order, each process by its id. Data is kept.
#
#   down.sh            end it all
#   down.sh --wipe     end it all and delete the data, the logs and the sandbox's secrets
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

# A little more than a service takes at most to finish what is in flight (http.drain_timeout_seconds).
END_LIMIT_SECONDS=40
HERE="$ROOT/deploy/local"

lock_folder
"$HERE/edge.sh" stop
while read -r name _; do
  if pid_of "$name" >/dev/null; then
    end "$name" "$END_LIMIT_SECONDS"
    say "$name: stopped"
  else
    say "$name: does not run"
  fi
  rm -f "$RUN_DIR/$name.port"
done < <(processes | tac)
"$HERE/kafka.sh" stop
if postgres_bin >/dev/null; then "$HERE/pg.sh" stop; fi

if [ "${1:-}" = "--wipe" ]; then
  "$HERE/kafka.sh" wipe
  if postgres_bin >/dev/null; then "$HERE/pg.sh" wipe; fi
  rm -rf "$LOG_DIR" "$RUN_DIR" "$LOCAL_DIR/secrets" "$LOCAL_DIR/edge"
fi
