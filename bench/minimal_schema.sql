-- The least tables that a crash-safe payment needs, for pgbench: what Tender's throughput is compared with.
DROP SCHEMA IF EXISTS minimal CASCADE;
CREATE SCHEMA minimal;
SET search_path = minimal;

CREATE TABLE intents (
    tenant_id text NOT NULL,
    id        uuid NOT NULL,
    status    text NOT NULL,
    amount    bigint NOT NULL CHECK (amount > 0),
    currency  text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE idempotency_keys (
    tenant_id text NOT NULL,
    key       text NOT NULL,
    intent_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE TABLE charges (
    tenant_id text NOT NULL,
    id        uuid NOT NULL,
    intent_id uuid NOT NULL,
    amount    bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE outbox (
    n         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    topic     text NOT NULL,
    data      text NOT NULL
);
CREATE TABLE ledger (
    n         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    charge_id uuid NOT NULL,
    account   text NOT NULL,
    debit     bigint NOT NULL,
    credit    bigint NOT NULL
);
