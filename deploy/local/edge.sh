#!/usr/bin/env bash
# The edge in front of the five services on this machine: nginx with deploy/edge.
#
#   edge.sh start      start it and wait until it answers
#   edge.sh stop       end it
#   edge.sh status     say whether it runs and where
#
# EDGE_PORT (8080) chooses the port. The services' ports are those that they were started with.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

PORT="${EDGE_PORT:-8080}"
EDGE_DIR="$LOCAL_DIR/edge"
SERVICES=(intents vault refunds settlement operations)

# Debian has it where a user's PATH does not look.
nginx_program() { PATH="$PATH:/usr/sbin" command -v nginx; }

# Fills in what deploy/edge/tender.conf leaves open, and writes the file around it.
write_settings() {
  local service expressions=()
  for service in "${SERVICES[@]}"; do
    [ -f "$RUN_DIR/$service.port" ] || die "$service was not started; start all with: make up"
    expressions+=(-e "s|\${${service^^}_HOST}|127.0.0.1|g" -e "s|\${${service^^}_PORT}|$(cat "$RUN_DIR/$service.port")|g")
  done
  mkdir -p "$EDGE_DIR/tmp"
  sed "${expressions[@]}" -e "s|\${EDGE_ROUTES}|$ROOT/deploy/edge/routes.conf|g" \
    -e "s|\${EDGE_LISTEN}|127.0.0.1:$PORT|g" "$ROOT/deploy/edge/tender.conf" >"$EDGE_DIR/tender.conf"
  local folder
  {
    echo "daemon off;"
    # Workers of root would become somebody who may not read this folder.
    if [ "$(id -u)" -eq 0 ]; then echo "user root;"; fi
    echo "pid $EDGE_DIR/nginx.pid;"
    echo "error_log stderr warn;"
    echo "worker_processes 1;"
    echo "events { worker_connections 2048; }"
    echo "http {"
    for folder in client_body proxy fastcgi uwsgi scgi; do echo "    ${folder}_temp_path $EDGE_DIR/tmp/$folder;"; done
    echo "    include $EDGE_DIR/tender.conf;"
    echo "}"
  } >"$EDGE_DIR/nginx.conf"
}

answers() { curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$PORT/edge/livez" 2>/dev/null; }

start() {
  local pid nginx
  if pid="$(pid_of edge)"; then
    say "edge: already runs at 127.0.0.1:$(cat "$RUN_DIR/edge.port") (process $pid)"
    return 0
  fi
  nginx="$(nginx_program)" || die "nginx is missing; run: deploy/local/install.sh edge"
  if port_answers "$PORT"; then die "port $PORT of the edge is taken by another program; choose one with EDGE_PORT"; fi
  write_settings
  say "edge: starting at 127.0.0.1:$PORT ..."
  launch edge "$nginx" -e stderr -p "$EDGE_DIR" -c "$EDGE_DIR/nginx.conf"
  echo "$PORT" >"$RUN_DIR/edge.port"
  wait_until 20 edge answers
}

stop() {
  if ! pid_of edge >/dev/null; then say "edge: does not run"; return 0; fi
  end edge 20
  rm -f "$RUN_DIR/edge.port"
  say "edge: stopped"
}

status() {
  local pid
  if pid="$(pid_of edge)"; then
    say "edge: runs at 127.0.0.1:$(cat "$RUN_DIR/edge.port") (process $pid)"
  else
    say "edge: does not run"
    return 1
  fi
}

case "${1:-}" in
  start) lock_folder; start ;;
  stop) lock_folder; stop ;;
  status) status ;;
  *) die "usage: edge.sh start|stop|status" ;;
esac
