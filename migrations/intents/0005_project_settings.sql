-- The settings of tenants that intents obeys, as operations last told them.
CREATE TABLE tenant_rules (
    tenant_id            text        NOT NULL,
    -- What they are the settings of: all of the tenant.
    scope                text        NOT NULL CHECK (scope = 'tenant'),
    version              bigint      NOT NULL CHECK (version > 0),
    allowed_methods      jsonb       NOT NULL CHECK (jsonb_typeof(allowed_methods) = 'array'),
    default_capture_mode text        NOT NULL CHECK (default_capture_mode IN ('auto', 'manual')),
    -- The largest authorization in minor units, by currency.
    max_authorization    jsonb       NOT NULL CHECK (jsonb_typeof(max_authorization) = 'object'),
    max_attempts         integer     NOT NULL CHECK (max_attempts > 0),
    -- When we heard of it: each process reads what is new.
    recorded_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope)
) WITH (fillfactor = 80);
CREATE INDEX tenant_rules_heard ON tenant_rules (recorded_at) WHERE version > 0;

GRANT SELECT, INSERT, UPDATE ON tenant_rules TO ${role};
