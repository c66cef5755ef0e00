#!/usr/bin/env bash
# Plays a storefront's day against the Tender that runs: the one at URL (`make run`), or, when nobody answers
# there, the five services of `make up`.
#
#   demo.sh URL DATA_DIR
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

url="${1:?usage: demo.sh URL DATA_DIR}"
data_dir="${2:?usage: demo.sh URL DATA_DIR}"
tender="${TENDER_BIN_DIR:-$ROOT/target/release}/tender"

if curl -fsS -o /dev/null -m 2 "$url/livez" 2>/dev/null; then
  exec "$tender" demo --url "$url" --key-file "$data_dir/admin.key"
fi
if pid_of intents >/dev/null; then
  export_local_environment
  exec "$ROOT/deploy/env/with-env.sh" intents "$tender" demo --services --key-file "$RUN_DIR/admin.key"
fi
die "no Tender runs at $url, and none was started by \`make up\`; start one with: make run"
