-- Tenants' own connectors, the rules of routing, and the connectors' logs.
--
-- Never a secret: a connector's credentials are the vault's. Connectors and rules are read by every process into its
-- memory, and followed by the instant of their last change, so that a payment reads nothing.
CREATE TABLE connectors (
    tenant_id          text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    connector_id       uuid        NOT NULL,
    version            bigint      NOT NULL CHECK (version > 0),
    livemode           boolean     NOT NULL,
    -- What attempts, tokens and the ledger call it: never used again, also after it was deleted.
    name               text        NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
    kind               text        NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    status             text        NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
    priority           integer     NOT NULL,
    region             text        CHECK (length(region) BETWEEN 1 AND 40),
    config             jsonb       NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    -- The names of the credentials' fields, which generation they are, and since and until when.
    credentials        jsonb       NOT NULL CHECK (jsonb_typeof(credentials) = 'object'),
    -- After which declines another connector is tried; NULL for the usual ones.
    retryable_declines jsonb       CHECK (jsonb_typeof(retryable_declines) = 'array'),
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, connector_id),
    CONSTRAINT connectors_one_of_each_name UNIQUE (tenant_id, name)
);
-- What changed since a process looked last, over all tenants.
CREATE INDEX connectors_changed ON connectors (updated_at, tenant_id) WHERE version > 0;

-- The rules of a tenant, as one versioned thing; a tenant without a row has none. `tenant_id` is all of its key.
CREATE TABLE routing_rule_sets (
    tenant_id  text        NOT NULL,
    version    bigint      NOT NULL CHECK (version > 0),
    rules      jsonb       NOT NULL CHECK (jsonb_typeof(rules) = 'array' AND jsonb_array_length(rules) <= 200),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE INDEX routing_rule_sets_changed ON routing_rule_sets (updated_at, tenant_id) WHERE version > 0;

-- What was asked of connectors and what they answered: written behind the calls, kept for two weeks.
CREATE TABLE connector_logs (
    tenant_id    text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    log_id       uuid        NOT NULL,
    connector_id uuid        NOT NULL,
    call         text        NOT NULL,
    reference    text        NOT NULL,
    outcome      text        NOT NULL,
    took_millis  bigint      NOT NULL CHECK (took_millis >= 0),
    request      jsonb       NOT NULL,
    answer       jsonb       NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, log_id)
);
CREATE INDEX connector_logs_of_connector ON connector_logs (tenant_id, connector_id, log_id) WHERE took_millis >= 0;
CREATE INDEX connector_logs_oldest ON connector_logs (at) WHERE took_millis >= 0;

GRANT SELECT, INSERT, UPDATE ON connectors, routing_rule_sets TO ${role};
-- Lines are never changed; those whose time is over are deleted.
GRANT SELECT, INSERT, DELETE ON connector_logs TO ${role};
