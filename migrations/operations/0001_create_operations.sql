-- Tenants: whose everything is. Made by command, never changed by a request. `tenant_id` is all of its key.
CREATE TABLE tenants (
    tenant_id    text        COLLATE "C" NOT NULL CHECK (tenant_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    display_name text        NOT NULL CHECK (length(display_name) BETWEEN 1 AND 255),
    version      bigint      NOT NULL CHECK (version > 0),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- API keys. Of a key's text there is the keyed hash, its prefix and its last four characters, never more. A key is found
-- by its hash through `locator` (kind `api_key`).
CREATE TABLE api_keys (
    tenant_id   text        NOT NULL,
    key_id      uuid        NOT NULL,
    version     bigint      NOT NULL CHECK (version > 0),
    name        text        NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    key_hash    bytea       NOT NULL CHECK (octet_length(key_hash) = 32),
    prefix      text        NOT NULL CHECK (prefix IN ('sk_test_', 'sk_live_', 'pk_test_', 'pk_live_')),
    last4       text        NOT NULL CHECK (length(last4) = 4),
    scopes      jsonb       NOT NULL CHECK (jsonb_typeof(scopes) = 'array' AND jsonb_array_length(scopes) > 0),
    publishable boolean     NOT NULL,
    livemode    boolean     NOT NULL,
    expires_at  timestamptz CHECK (expires_at > created_at),
    revoked_at  timestamptz,
    issued_by   text        NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT api_keys_key_hash_key UNIQUE (tenant_id, key_hash)
);

-- What a tenant has set; a tenant without a row has the defaults.
CREATE TABLE tenant_settings (
    tenant_id              text        NOT NULL,
    version                bigint      NOT NULL CHECK (version > 0),
    allowed_methods        jsonb       NOT NULL CHECK (jsonb_typeof(allowed_methods) = 'array'),
    default_capture_mode   text        NOT NULL CHECK (default_capture_mode IN ('auto', 'manual')),
    -- Minor units by currency: {"EUR": 500000}.
    max_authorization      jsonb       NOT NULL CHECK (jsonb_typeof(max_authorization) = 'object'),
    three_ds_policy        text        NOT NULL CHECK (three_ds_policy IN ('automatic', 'always', 'when_required')),
    dispute_retention_days integer     NOT NULL CHECK (dispute_retention_days BETWEEN 180 AND 3650),
    max_attempts           integer     NOT NULL CHECK (max_attempts BETWEEN 1 AND 50),
    allowed_origins        jsonb       NOT NULL CHECK (jsonb_typeof(allowed_origins) = 'array'),
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Nothing is ever deleted: a key is revoked, and who had it stays known.
GRANT SELECT, INSERT ON tenants TO ${role};
GRANT SELECT, INSERT, UPDATE ON api_keys, tenant_settings TO ${role};
