"""Real resources for the requests that schemathesis makes up.

A made-up id is 404 everywhere, and nothing behind it would be asked. So some of every kind are made first, and every
other made-up id is replaced by one of them. Which ones depends on the made-up request alone: a run can be had again.
"""

import json
import os
import time
import urllib.error
import urllib.request
import zlib

import schemathesis

URL = os.environ["TENDER_URL"]
KEY = os.environ["TENDER_KEY"]
ROUTES = "/v1/payments"


def call(method, path, body=None, key=None):
    """Calls Tender, and fails where it refuses: without its seeds a run shows little."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused


def pay(name, token, **more):
    method = call("POST", f"{ROUTES}/methods", {"type": "card", "token": token}, f"method-{name}")["id"]
    body = {"amount": 5000, "currency": "EUR", "payment_method_id": method, "customer_id": "cust_1", **more}
    return method, call("POST", f"{ROUTES}/intents", body, f"intent-{name}")


def first(path):
    """The first of a list, once there is one."""
    for _ in range(200):
        found = call("GET", path)["data"]
        if found:
            return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"nothing came to {path}")


def make():
    method, paid = pay("paid", "tok_visa", confirm=True)
    _, held = pay("held", "tok_visa", confirm=True, capture_mode="manual")
    _, waiting = pay("waiting", "tok_visa")
    _, challenged = pay("challenged", "tok_challenge", confirm=True)
    _, disputed = pay("disputed", "tok_dispute", confirm=True)
    charge = first(f"{ROUTES}/intents/{paid['id']}/charges")
    authorization = first(f"{ROUTES}/intents/{held['id']}/charges")["authorization_id"]
    refund = call("POST", f"{ROUTES}/refunds", {"payment_intent_id": paid["id"], "amount": 100}, "refund")
    order = {"kind": "order", "customer_id": "cust_1", "amount": 5000, "currency": "EUR"}
    call("PUT", f"{ROUTES}/orders/order-1", order)
    link = call("POST", f"{ROUTES}/payment-links", {"amount": 900, "currency": "EUR"}, "link")
    dispute = first(f"{ROUTES}/disputes")
    file = {"purpose": "dispute_evidence", "file_name": "letter.txt", "content_type": "text/plain", "size_bytes": 4,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
    upload = call("POST", f"{ROUTES}/uploads", file, "upload")
    intents = [intent["id"] for intent in (paid, held, waiting, challenged, disputed)]
    return {
        "intent_id": intents,
        "payment_intent_id": intents,
        "method_id": [method],
        "payment_method_id": [method],
        "charge_id": [charge["charge_id"]],
        "authorization_id": [authorization],
        "refund_id": [refund["id"]],
        "dispute_id": [dispute["id"]],
        "upload_id": [upload["id"]],
        "link_id": [link["id"]],
        "token": [link["url"].rsplit("/", 1)[1]],
        "reference": ["order-1"],
        "connector_id": ["simulator"],
        "customer_id": ["cust_1"],
    }


SEEDS = make()


def seeded(name, made_up):
    """One of ours for every other of what was made up."""
    seeds = SEEDS.get(name)
    drawn = zlib.crc32(repr(made_up).encode())
    if not seeds or drawn % 2:
        return made_up
    return seeds[(drawn // 2) % len(seeds)]


def with_seeds(value):
    if isinstance(value, dict):
        return {
            name: seeded(name, inner) if isinstance(inner, str) else with_seeds(inner)
            for name, inner in value.items()
        }
    return value


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return with_seeds(path_parameters)


@schemathesis.hook
def map_body(context, body):
    return with_seeds(body)
