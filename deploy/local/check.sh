#!/usr/bin/env bash
# All checks that need no server, the quick ones first. Goes on after a failure and lists what failed.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
FAILED=()

# step NAME COMMAND...
step() {
  local name="$1" started=$SECONDS; shift
  say "== $name"
  if "$@"; then say "   $name: good ($((SECONDS - started)) s)"; else FAILED+=("$name"); fi
}

# optional PROGRAM HOW: whether a program is there; says how to get it when not.
optional() {
  if command -v "$1" >/dev/null 2>&1; then return 0; fi
  say "== $1: skipped, it is not installed ($2)"
  return 1
}

step "format" cargo fmt --all --check
step "house rules (xtask tidy)" cargo xtask tidy
step "deployment files (xtask compose)" cargo xtask compose
if optional shellcheck "deploy/local/install.sh tools"; then
  mapfile -t SCRIPTS < <(find deploy .ci -type f \( -name '*.sh' -o -path '.ci/run' \) | sort)
  step "shell scripts" shellcheck -x "${SCRIPTS[@]}"
fi
step "lints (clippy)" cargo clippy --workspace --all-targets --quiet -- -D warnings
if optional cargo-deny "cargo install --locked cargo-deny"; then
  step "dependencies (cargo deny)" cargo deny --all-features check
fi

if [ "${#FAILED[@]}" -gt 0 ]; then
  say ""
  for name in "${FAILED[@]}"; do say "FAILED: $name"; done
  exit 1
fi
say ""
say "All checks are good."
