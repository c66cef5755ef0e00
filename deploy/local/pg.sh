#!/usr/bin/env bash
# A private PostgreSQL cluster for development and tests, on a port of its own.
#
#   pg.sh start     create it once, start it, print its URL
#   pg.sh stop      end it; its data stays
#   pg.sh status    say whether it runs and where
#   pg.sh url       print its URL and nothing else
#   pg.sh wipe      stop it and delete its data
#
# PG_PORT (5433) chooses the port. The administrator is tender_admin; its password is made when the
# cluster is, and kept in the local folder beside it, readable by its owner alone.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

PORT="${PG_PORT:-5433}"
PG_LINK="$LOCAL_DIR/pg"
PASSWORD_FILE="$LOCAL_DIR/secrets/pg.password"
ADMIN=tender_admin
DATABASE=tender
START_LIMIT_SECONDS=60

BIN="$(postgres_bin)" || die "PostgreSQL 15 or later is missing; run: deploy/local/install.sh pg"

# PostgreSQL refuses to run as root, so root runs it as another user.
server_user() {
  if [ "$(id -u)" -ne 0 ]; then id -un; elif id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}
SERVER_USER="$(server_user)"

as_server() {
  # From a folder that this user may stand in, else every command complains.
  if [ "$(id -un)" = "$SERVER_USER" ]; then (cd / && "$@"); else (cd / && runuser -u "$SERVER_USER" -- "$@"); fi
}

cluster_dir() { readlink -f "$PG_LINK"; }

# The cluster lies in the local folder. Where the server's user cannot walk to it (a checkout below
# another user's home, a temporary folder of mode 0700) it lies under /var/lib and the local folder links there.
place() {
  if [ -e "$PG_LINK" ]; then return 0; fi
  mkdir -p "$LOCAL_DIR"
  local dir="$PG_LINK"
  if ! as_server test -x "$LOCAL_DIR"; then
    dir="/var/lib/tender-local/$(printf %s "$LOCAL_DIR" | sha256sum | cut -c1-16)"
    mkdir -p "$(dirname "$dir")"
    ln -sfn "$dir" "$PG_LINK"
    say "postgresql: the user $SERVER_USER cannot reach $LOCAL_DIR; the cluster lies in $dir"
  fi
  mkdir -p "$dir"
  chown "$SERVER_USER" "$dir"
  chmod 700 "$dir"
}

make_password() {
  mkdir -p "$(dirname "$PASSWORD_FILE")"
  chmod 700 "$(dirname "$PASSWORD_FILE")"
  [ -s "$PASSWORD_FILE" ] || (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$PASSWORD_FILE")
}

write_settings() {
  # Durability as in production: a test of what survives a crash proves nothing without fsync.
  cat <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 400
shared_buffers = 256MB
max_wal_size = 2GB
fsync = on
synchronous_commit = on
full_page_writes = on
password_encryption = 'scram-sha-256'
jit = off
log_min_duration_statement = 1000
log_line_prefix = '%m [%p] %u@%d '
CONF
}

create_once() {
  local dir
  dir="$(cluster_dir)"
  if as_server test -s "$dir/data/PG_VERSION"; then
    local made bin
    made="$(as_server cat "$dir/data/PG_VERSION")"
    bin="$("$BIN/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')"
    [ "$made" = "$bin" ] || die "the cluster in $dir was made by PostgreSQL $made and this machine runs $bin; install $made, or delete it with: deploy/local/pg.sh wipe"
    return 0
  fi
  say "postgresql: creating a cluster in $dir"
  # What an interrupted creation left behind is in the way and holds nothing.
  as_server rm -rf "$dir/data"
  # The server's user cannot read the password's file: it gets a copy of its own for this moment.
  # shellcheck disable=SC2016
  as_server sh -c 'umask 077 && cat >"$1"' sh "$dir/password" <"$PASSWORD_FILE"
  as_server "$BIN/initdb" --pgdata="$dir/data" --username="$ADMIN" --pwfile="$dir/password" --encoding=UTF8 \
    --locale=C.UTF-8 --data-checksums --auth=scram-sha-256 >/dev/null
  as_server rm -f "$dir/password"
  write_settings | as_server tee -a "$dir/data/postgresql.conf" >/dev/null
}

runs() { [ -e "$PG_LINK" ] && as_server "$BIN/pg_ctl" -D "$(cluster_dir)/data" status >/dev/null 2>&1; }

# The port of the running server is the fourth line of its own pid file.
running_port() { as_server sed -n 4p "$(cluster_dir)/data/postmaster.pid"; }

url() { echo "postgres://$ADMIN:$(cat "$PASSWORD_FILE")@127.0.0.1:$(running_port)/$DATABASE"; }

query() { PGPASSWORD="$(cat "$PASSWORD_FILE")" "$BIN/psql" -h 127.0.0.1 -p "$(running_port)" -U "$ADMIN" -X -q -At "$@"; }

start() {
  if runs; then
    say "postgresql: already runs at 127.0.0.1:$(running_port)"
    return 0
  fi
  if port_answers "$PORT"; then die "port $PORT is taken by another program; choose one with PG_PORT"; fi
  make_password
  place
  create_once
  local dir
  dir="$(cluster_dir)"
  say "postgresql: starting at 127.0.0.1:$PORT ..."
  if ! as_server "$BIN/pg_ctl" -D "$dir/data" -l "$dir/postgres.log" -w -t "$START_LIMIT_SECONDS" -o "-p $PORT" start >/dev/null 9>&- </dev/null; then
    as_server tail -n 20 "$dir/postgres.log" >&2 || true
    die "PostgreSQL did not start; its log is $dir/postgres.log"
  fi
  if [ -z "$(query -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$DATABASE'")" ]; then
    query -d postgres -c "CREATE DATABASE $DATABASE"
  fi
  say "postgresql: ready at 127.0.0.1:$PORT (log $dir/postgres.log)"
}

stop() {
  if ! runs; then say "postgresql: does not run"; return 0; fi
  as_server "$BIN/pg_ctl" -D "$(cluster_dir)/data" -m fast -w -t 60 stop >/dev/null
  say "postgresql: stopped"
}

wipe() {
  stop
  if [ -e "$PG_LINK" ]; then
    rm -rf "$(cluster_dir)"
    rm -f "$PG_LINK"
  fi
  rm -f "$PASSWORD_FILE"
  say "postgresql: data deleted"
}

case "${1:-}" in
  start) lock_folder; start ;;
  stop) lock_folder; stop ;;
  status) if runs; then say "postgresql: runs at 127.0.0.1:$(running_port)"; else say "postgresql: does not run"; exit 1; fi ;;
  url) runs || die "PostgreSQL does not run; start it with: deploy/local/pg.sh start"; url ;;
  wipe) lock_folder; wipe ;;
  *) die "usage: pg.sh start|stop|status|url|wipe" ;;
esac
