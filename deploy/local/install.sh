#!/usr/bin/env bash
# Makes sure that this machine has what Tender needs, by Debian's package manager.
#
#   install.sh [pg] [kafka] [edge] [build] [tools] [browser]     (nothing named: pg kafka edge build)
#
#   pg      PostgreSQL 15 or later: the server's programs, not a running server
#   kafka   a Java runtime 17 or later and Maven, which fetch and run Apache Kafka
#   edge    nginx, the server's program alone; it is not left running
#   build   what the Rust build needs beside cargo: a C compiler, make, pkg-config, OpenSSL's headers
#   tools   what only `make check` uses: shellcheck
#   browser what only `make browser` uses: Chromium, chromedriver, and a font for its pages
#
# Looks first and changes nothing when nothing lacks. Installs as root or through sudo; where it may do
# neither it prints the exact command and fails.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

MISSING=()
# The file that kept Debian from starting servers, while it is there.
POLICY_OF_OURS=""
trap 'if [ -n "$POLICY_OF_OURS" ]; then as_root rm -f "$POLICY_OF_OURS"; fi' EXIT

has() { command -v "$1" >/dev/null 2>&1; }

java_major() {
  has java || { echo 0; return; }
  # 1.8.0_402 is 8, 17.0.15 is 17.
  java -version 2>&1 | sed -nE 's/.* version "(1\.)?([0-9]+).*/\2/p' | head -n 1
}

look_pg() { postgres_bin >/dev/null || MISSING+=(postgresql); }

look_kafka() {
  [ "$(java_major)" -ge 17 ] || MISSING+=(default-jre-headless)
  has mvn || MISSING+=(maven)
}

look_build() {
  has gcc && has g++ && has make || MISSING+=(build-essential)
  if ! has pkg-config; then
    MISSING+=(pkg-config libssl-dev)
  elif ! pkg-config --exists openssl; then
    MISSING+=(libssl-dev)
  fi
  has curl || MISSING+=(curl ca-certificates)
  has openssl || MISSING+=(openssl)
}

look_edge() { PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || MISSING+=(nginx-light); }

look_tools() { has shellcheck || MISSING+=(shellcheck); }

look_browser() {
  has chromium || has chromium-browser || has google-chrome || MISSING+=(chromium fonts-dejavu-core)
  has chromedriver || MISSING+=(chromium-driver)
}

look() {
  MISSING=()
  local group
  for group in "$@"; do
    case "$group" in
      pg | kafka | edge | build | tools | browser) "look_$group" ;;
      *) die "unknown group '$group'; known are: pg kafka edge build tools browser" ;;
    esac
  done
}

install_missing() {
  local command="apt-get install -y --no-install-recommends ${MISSING[*]}"
  if ! has apt-get; then
    die "this machine lacks ${MISSING[*]} (names of Debian's packages) and has no apt-get; install them by its own package manager and run this again"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! has sudo || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      die "this machine lacks ${MISSING[*]} and this user may not install them; run as root: apt-get update && $command"
    fi
  fi
  say "install: ${MISSING[*]}"
  # Debian makes and starts a database cluster with the package. Tender runs its own, so none is
  # made, unless this machine has been told otherwise.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  # Debian starts a server with its package, and again with the machine. Only the program is wanted.
  local policy=/usr/sbin/policy-rc.d with_nginx=""
  if [[ " ${MISSING[*]} " == *" nginx-light "* ]]; then with_nginx=1; fi
  if [ -n "$with_nginx" ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    POLICY_OF_OURS="$policy"
  fi
  local quiet=(env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1)
  as_root "${quiet[@]}" apt-get update -q >/dev/null || die "apt-get update failed; run it by hand to see why"
  as_root "${quiet[@]}" apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold \
    "${MISSING[@]}" >"$LOCAL_DIR/install.log" 2>&1 </dev/null || {
    tail -n 20 "$LOCAL_DIR/install.log" >&2
    die "the installation failed; the whole output is in $LOCAL_DIR/install.log"
  }
  if [ -n "$with_nginx" ] && [ -d /run/systemd/system ]; then as_root systemctl disable -q nginx || true; fi
}

has cargo || say "note: cargo is not on the PATH; building needs a Rust toolchain (1.90 or later)" >&2
groups=("$@")
[ "${#groups[@]}" -gt 0 ] || groups=(pg kafka edge build)
look "${groups[@]}"
if [ "${#MISSING[@]}" -gt 0 ]; then
  mkdir -p "$LOCAL_DIR"
  install_missing
  look "${groups[@]}"
  [ "${#MISSING[@]}" -eq 0 ] || die "still missing or too old after the installation: ${MISSING[*]} (PostgreSQL must be 15 or later, Java 17 or later)"
fi
