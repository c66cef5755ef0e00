#!/usr/bin/env bash
# Holds every answer of every route against the OpenAPI document that Tender serves, with schemathesis: no 5xx, no
# status, media type or body that is not documented. The same requests in every run.
#
#   conformance.sh [arguments for schemathesis run]
#
# Installs schemathesis, of one version, in a virtual environment under target/; starts a Tender of its own, in a new
# folder on a free port, and ends it. The program is taken from TENDER_BIN_DIR (target/debug, built first).
export TENDER_LOCAL_DIR="${TENDER_LOCAL_DIR:-$(cd "$(dirname "$0")/../.." && pwd)/.local/conformance}"
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

VERSION=4.32.5
# How many requests are made up for a route, beside its examples and the edges of each of its parameters.
EXAMPLES="${CONFORMANCE_EXAMPLES:-10}"
CHECKS=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance

cd "$ROOT"
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"
VENV="$TARGET/schemathesis-$VERSION"

# shellcheck disable=SC2317  # called by the trap below
clean_up() {
  end conformance-tender 60
  rm -rf "${DATA:?}"
}

install_schemathesis() {
  if "$VENV/bin/schemathesis" --version >/dev/null 2>&1; then return 0; fi
  command -v python3 >/dev/null 2>&1 || die "python3 with venv is needed; as root: apt-get install -y python3-venv"
  say "schemathesis $VERSION into $VENV"
  rm -rf "$VENV"
  python3 -m venv "$VENV" || die "python3 has no venv; as root: apt-get install -y python3-venv"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$VERSION" ||
    die "schemathesis $VERSION could not be installed from PyPI"
}

lock_folder
install_schemathesis
[ -n "${TENDER_BIN_DIR:-}" ] || cargo build -p tender

DATA="$(mktemp -d "${TMPDIR:-/tmp}/tender-conformance.XXXXXX")"
chmod 755 "$DATA"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
PORT="$(free_port)"
export TENDER__HTTP__METRICS_PORT=0
launch conformance-tender "${TENDER_BIN_DIR:-$TARGET/debug}/tender" run --data-dir "$DATA/data" --port "$PORT"
wait_until 120 conformance-tender is_ready "$PORT"

TENDER_URL="http://127.0.0.1:$PORT"
TENDER_KEY="$(cat "$DATA/data/admin.key")"
export TENDER_URL TENDER_KEY
cd "$ROOT/deploy/local/conformance"
started=$SECONDS
result=0
"$VENV/bin/schemathesis" run "$TENDER_URL/openapi.json" --checks "$CHECKS" --max-examples "$EXAMPLES" \
  --header "Authorization: Bearer $TENDER_KEY" --no-shrink "$@" </dev/null || result=$?
if grep -q 'panicked at' "$LOG_DIR/conformance-tender.log"; then
  grep -A 5 'panicked at' "$LOG_DIR/conformance-tender.log" >&2
  say "FAILED: Tender panicked" >&2
  result=1
fi
say "schemathesis took $((SECONDS - started)) s"
exit "$result"
