#!/usr/bin/env bash
# Walks the pages that people see with a real browser, and says where its pictures are.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

export TENDER_SCREENSHOTS="${TENDER_SCREENSHOTS:-${TMPDIR:-/tmp}/tender-screenshots}"
cargo test -p tender-browser -- --ignored --nocapture
echo "pictures of the pages are in $TENDER_SCREENSHOTS"
