#!/usr/bin/env bash
# Runs all tests against a real PostgreSQL and a real Apache Kafka, both started for this run alone on
# free ports, and ended and deleted afterwards.
#
#   test.sh [arguments for cargo test]      nothing given: --workspace
#
# TENDER_TEST_DATABASE_URL or TENDER_TEST_KAFKA_BROKERS, when set, name servers to use instead.
# Where Kafka cannot be had the run goes on without and says so at its end; with REQUIRE_KAFKA=1 it fails.
# The tests that spoke to a real broker leave a line each in the file TENDER_KAFKA_PROOF.
export TENDER_LOCAL_DIR="${TENDER_LOCAL_DIR:-$(cd "$(dirname "$0")/../.." && pwd)/.local/test}"
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

HERE="$ROOT/deploy/local"
cd "$ROOT"

# shellcheck disable=SC2317  # called by the trap below
clean_up() {
  # The tests are a process group of their own: cargo does not hand a signal on to what it runs.
  if [ -n "${tests:-}" ]; then kill -TERM -- "-$tests" 2>/dev/null || true; fi
  if [ -n "${OWN_KAFKA:-}" ]; then "$HERE/kafka.sh" wipe >/dev/null 2>&1 || true; fi
  if [ -n "${OWN_PG:-}" ]; then "$HERE/pg.sh" wipe >/dev/null 2>&1 || true; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

lock_folder
export TENDER_KAFKA_PROOF="${TENDER_KAFKA_PROOF:-$LOCAL_DIR/kafka-proof}"
: >"$TENDER_KAFKA_PROOF"

if [ -z "${TENDER_TEST_DATABASE_URL:-}" ]; then
  OWN_PG=1
  PG_PORT="$(free_port)"
  export PG_PORT
  "$HERE/pg.sh" start
  TENDER_TEST_DATABASE_URL="$("$HERE/pg.sh" url)"
  export TENDER_TEST_DATABASE_URL
fi

if [ -z "${TENDER_TEST_KAFKA_BROKERS:-}" ]; then
  OWN_KAFKA=1
  KAFKA_PORT="$(free_port)"
  KAFKA_CONTROLLER_PORT="$KAFKA_PORT"
  while [ "$KAFKA_CONTROLLER_PORT" = "$KAFKA_PORT" ]; do KAFKA_CONTROLLER_PORT="$(free_port)"; done
  export KAFKA_PORT KAFKA_CONTROLLER_PORT
  if "$HERE/kafka.sh" start; then
    # Not the port asked for: a broker that an interrupted run left behind keeps its own.
    TENDER_TEST_KAFKA_BROKERS="127.0.0.1:$(cat "$LOCAL_DIR/kafka/port")"
    export TENDER_TEST_KAFKA_BROKERS
  elif [ "${REQUIRE_KAFKA:-}" = "1" ]; then
    die "Kafka is required (REQUIRE_KAFKA=1) and did not start"
  fi
fi

arguments=("$@")
if [ "${#arguments[@]}" -eq 0 ]; then
  arguments=(--workspace)
  # A run of the whole workspace builds every program before its first test runs: the tests of whole systems need not
  # build them again by themselves.
  export TENDER_BIN_DIR="${TENDER_BIN_DIR:-${CARGO_TARGET_DIR:-$ROOT/target}/debug}"
fi
result=0
# In the background, because a shell acts on a signal only when it waits for no command in the foreground.
set -m
cargo test "${arguments[@]}" </dev/null 9>&- &
tests=$!
set +m
wait "$tests" || result=$?
tests=""

if [ -z "${TENDER_TEST_KAFKA_BROKERS:-}" ]; then
  say ""
  say "NOT TESTED: there was no Kafka, so nothing here is shown about Kafka."
elif [ -s "$TENDER_KAFKA_PROOF" ]; then
  say "A real Kafka at $TENDER_TEST_KAFKA_BROKERS was used by $(sort -u "$TENDER_KAFKA_PROOF" | wc -l) test(s)."
elif [ "${REQUIRE_KAFKA:-}" = "1" ]; then
  say "error: Kafka ran, but no test used it (nothing was written to $TENDER_KAFKA_PROOF)" >&2
  [ "$result" -ne 0 ] || result=1
fi
exit "$result"
