#!/usr/bin/env bash
# Lets independent judges look at the gateways' adapters: the gateways' own libraries at their signatures, and published
# doubles of Stripe and PayU at payments.
#
#   judges.sh [arguments for cargo test]
#
# Installs the judges, of one version each, in a virtual environment under target/.
# shellcheck source=deploy/local/lib.sh
. "$(dirname "$0")/lib.sh"

# PayPal's library, the only one of its own that knows signatures, asks of OpenSSL what later versions do not have.
JUDGES=(stripe==16.1.0 Adyen==16.0.0 squareup==46.0.0.20260916 paypalrestsdk==1.13.3 pyOpenSSL==23.2.0
  localstripe==1.15.10)
# They ask for Python 3.12 and use nothing that Debian's 3.11 does not have.
JUDGES_OF_LATER_PYTHON=(python-getpaid-core==3.2.0 python-getpaid-payu==3.2.0 python-getpaid-simulator==3.2.0)

cd "$ROOT"
VENV="${CARGO_TARGET_DIR:-$ROOT/target}/judges"
TENDER_JUDGES="$VENV/bin/python"

install_judges() {
  local wanted="${JUDGES[*]} ${JUDGES_OF_LATER_PYTHON[*]}"
  if [ "$(cat "$VENV/judges" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  command -v python3 >/dev/null 2>&1 || die "python3 with venv is needed; as root: apt-get install -y python3-venv"
  say "$wanted into $VENV"
  rm -rf "$VENV"
  python3 -m venv "$VENV" || die "python3 has no venv; as root: apt-get install -y python3-venv"
  local pip=("$VENV/bin/pip" install --quiet --disable-pip-version-check)
  { "${pip[@]}" "${JUDGES[@]}" && "${pip[@]}" --ignore-requires-python "${JUDGES_OF_LATER_PYTHON[@]}"; } ||
    die "the judges could not be installed from PyPI"
  printf '%s\n' "$wanted" > "$VENV/judges"
}

install_judges
export TENDER_JUDGES
cargo test --workspace --test judges -- --ignored "$@"
