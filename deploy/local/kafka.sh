#!/usr/bin/env bash
# A real Apache Kafka on this machine: one node in KRaft mode, from its Maven artifacts.
#
#   kafka.sh fetch            bring the broker's jars into .local/kafka/libs (once)
#   kafka.sh start            format the storage once, start, wait until it serves
#   kafka.sh stop             end it; its data stays
#   kafka.sh status           say whether it runs and where
#   kafka.sh wipe             stop it and delete its data
#   kafka.sh tool CLASS ...   run one of Kafka's own command-line tools, for instance
#                             kafka.sh tool org.apache.kafka.tools.TopicCommand --list
#
# KAFKA_PORT (9092) and KAFKA_CONTROLLER_PORT (9093) choose the ports.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

PORT="${KAFKA_PORT:-9092}"
CONTROLLER_PORT="${KAFKA_CONTROLLER_PORT:-9093}"
KAFKA_DIR="$LOCAL_DIR/kafka"
# Jars are the same for every local folder, so they are kept once for the repository.
LIBS="$ROOT/.local/kafka/libs"
SOURCE="$ROOT/deploy/local/kafka"
START_LIMIT_SECONDS=90
STOP_LIMIT_SECONDS=60

fetch() {
  local stamp wanted
  stamp="$LIBS/.fetched"
  wanted="$(sha256sum <"$SOURCE/pom.xml")"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  command -v mvn >/dev/null || die "Maven is missing; run: deploy/local/install.sh kafka"
  mkdir -p "$LIBS"
  # The jars are shared by all local folders, so this has a lock of its own.
  exec 8>"$LIBS.lock"
  flock -w 600 8 || die "another fetch of Kafka has gone on for ten minutes; end it and try again"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exec 8>&-; return 0; fi
  say "kafka: fetching the broker from Maven Central (some 40 MB, once) ..."
  rm -f "$LIBS"/*.jar "$stamp"
  # -C: a wrong checksum stops the fetch. Twice more after a failed transfer: what came is kept by Maven,
  # and -U keeps it from remembering the failure.
  local try
  for try in 1 2 3; do
    if mvn -B -C -U -q -Dstyle.color=never -f "$SOURCE/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$LIBS" </dev/null >"$LIBS/fetch.log" 2>&1; then
      echo "$wanted" >"$stamp"
      exec 8>&-
      say "kafka: $(find "$LIBS" -name '*.jar' | wc -l) jars in $LIBS"
      return 0
    fi
    grep -F ERROR "$LIBS/fetch.log" | head -n 5 >&2 || true
    say "kafka: fetch $try of 3 failed; the whole output is in $LIBS/fetch.log" >&2
  done
  die "Kafka could not be fetched from Maven Central; look at the network, or name a broker of your own to the tests in TENDER_TEST_KAFKA_BROKERS"
}

run_tool() {
  java -Xmx256m -Dlog4j.configuration="file:$SOURCE/tools-log4j.properties" -cp "$LIBS/*" "$@"
}

write_settings() {
  mkdir -p "$KAFKA_DIR"
  sed -e "s|@PORT@|$PORT|g" -e "s|@CONTROLLER_PORT@|$CONTROLLER_PORT|g" \
    -e "s|@DATA_DIR@|$KAFKA_DIR/data|g" "$SOURCE/server.properties.in" >"$KAFKA_DIR/server.properties"
}

format_once() {
  if [ -f "$KAFKA_DIR/data/meta.properties" ]; then return 0; fi
  say "kafka: formatting the storage in $KAFKA_DIR/data"
  local cluster
  cluster="$(run_tool kafka.tools.StorageTool random-uuid)"
  run_tool kafka.tools.StorageTool format --ignore-formatted -t "$cluster" -c "$KAFKA_DIR/server.properties" >/dev/null
}

# The port alone is not enough: it opens before the broker has caught up with its own metadata.
serves() {
  port_answers "$PORT" && tail -c "+$1" "$LOG_DIR/kafka.log" 2>/dev/null | grep -q 'Kafka Server started'
}

start() {
  local pid log_begin
  if pid="$(pid_of kafka)"; then
    say "kafka: already runs at 127.0.0.1:$(cat "$KAFKA_DIR/port") (process $pid)"
    return 0
  fi
  command -v java >/dev/null || die "Java is missing; run: deploy/local/install.sh kafka"
  fetch
  if port_answers "$PORT"; then die "port $PORT is taken by another program; choose one with KAFKA_PORT"; fi
  if port_answers "$CONTROLLER_PORT"; then die "port $CONTROLLER_PORT is taken by another program; choose one with KAFKA_CONTROLLER_PORT"; fi
  write_settings
  format_once
  mkdir -p "$LOG_DIR"
  touch "$LOG_DIR/kafka.log"
  log_begin=$(($(stat -c %s "$LOG_DIR/kafka.log") + 1))
  say "kafka: starting at 127.0.0.1:$PORT ..."
  launch kafka java -Xms256m -Xmx512m -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
    -Dlog4j.configuration="file:$SOURCE/log4j.properties" -cp "$LIBS/*" kafka.Kafka "$KAFKA_DIR/server.properties"
  echo "$PORT" >"$KAFKA_DIR/port"
  wait_until "$START_LIMIT_SECONDS" kafka serves "$log_begin"
  say "kafka: ready at 127.0.0.1:$PORT (process $(pid_of kafka), log $LOG_DIR/kafka.log)"
}

stop() {
  if ! pid_of kafka >/dev/null; then say "kafka: does not run"; return 0; fi
  end kafka "$STOP_LIMIT_SECONDS"
  say "kafka: stopped"
}

status() {
  local pid
  if pid="$(pid_of kafka)"; then
    say "kafka: runs at 127.0.0.1:$(cat "$KAFKA_DIR/port") (process $pid)"
  else
    say "kafka: does not run"
    return 1
  fi
}

tool() {
  local class="${1:-}"
  [ -n "$class" ] || die "name the tool's class, for instance: kafka.sh tool org.apache.kafka.tools.TopicCommand --list"
  shift
  run_tool "$class" --bootstrap-server "127.0.0.1:$(cat "$KAFKA_DIR/port" 2>/dev/null || echo "$PORT")" "$@"
}

case "${1:-}" in
  fetch) lock_folder; fetch ;;
  start) lock_folder; start ;;
  stop) lock_folder; stop ;;
  status) status ;;
  wipe) lock_folder; stop; rm -rf "$KAFKA_DIR/data"; say "kafka: data deleted" ;;
  tool) shift; tool "$@" ;;
  *) die "usage: kafka.sh fetch|start|stop|status|wipe|tool CLASS ARGUMENTS" ;;
esac
