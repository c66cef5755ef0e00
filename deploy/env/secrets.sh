#!/bin/sh
# Makes the secrets of a sandbox in a folder, each only when it is missing: a restart keeps them, and
# deleting the folder makes new ones (then what the vault had sealed cannot be opened any more).
#
#   secrets.sh FOLDER
#
# Used by the local set-up and by the container image. Never for production: there each process gets
# only its own secrets, from the platform's secret store.
set -eu

folder="${1:?usage: secrets.sh FOLDER}"
services="intents vault refunds settlement operations"

umask 077
mkdir -p "$folder"

# keep FILE: writes standard input to FILE, whole or not at all.
keep() { cat >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1"; }
missing() { [ ! -s "$folder/$1" ]; }

random_key() { openssl rand -base64 32; }
random_password() { openssl rand -hex 24; }

# The public half of an Ed25519 key is the last 32 bytes of its DER form; a JWK wants it as base64url.
public_x() { openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | base64 | tr '+/' '-_' | tr -d '=\n'; }

jwks() {
  separator=""
  printf '{"keys":['
  for service in $services; do
    printf '%s{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"%s","x":"%s"}' \
      "$separator" "$service" "$(public_x "$folder/$service.key")"
    separator=","
  done
  printf ']}\n'
}

command -v openssl >/dev/null || { echo "error: openssl is missing; install it by your package manager" >&2; exit 1; }

if missing jwt.secret; then random_key | keep jwt.secret; fi
if missing api-key.pepper; then random_key | keep api-key.pepper; fi
if missing vault.keys; then printf '1:%s\n' "$(random_key)" | keep vault.keys; fi
if missing fingerprint.key; then random_key | keep fingerprint.key; fi
if missing simulator.secret; then random_key | keep simulator.secret; fi
for service in $services simulator; do
  if missing "db-$service.password"; then random_password | keep "db-$service.password"; fi
done
for service in $services; do
  if missing "$service.key"; then
    openssl genpkey -algorithm ED25519 | keep "$service.key"
    rm -f "$folder/services.jwks.json"
  fi
done
if missing services.jwks.json; then jwks | keep services.jwks.json; fi
