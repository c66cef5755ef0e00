-- Envelope encryption: records are sealed by a data key of their tenant, which is stored wrapped by a key-encryption key
-- that this database does not have.
CREATE TABLE data_keys (
    tenant_id   text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    data_key_id uuid        NOT NULL,
    version     bigint      NOT NULL CHECK (version >= 1),
    purpose     text        NOT NULL CHECK (purpose IN ('payment_methods')),
    -- Which version of the tenant's key for this purpose.
    number      integer     NOT NULL CHECK (number >= 1),
    -- The key-encryption key that wrapped it, or wrapped it at last.
    wrapped_by  text        NOT NULL CHECK (length(wrapped_by) BETWEEN 1 AND 255),
    -- The wrapped key; destroyed when it is retired.
    wrapped     bytea       CHECK (octet_length(wrapped) BETWEEN 48 AND 4096),
    created_at  timestamptz NOT NULL,
    wrapped_at  timestamptz NOT NULL,
    retired_at  timestamptz,
    -- What records name: a retired key has none, and so nothing can be sealed under it.
    usable_id   uuid        GENERATED ALWAYS AS (CASE WHEN retired_at IS NULL THEN data_key_id END) STORED,
    PRIMARY KEY (tenant_id, data_key_id),
    CONSTRAINT data_keys_one_of_each_number UNIQUE (tenant_id, purpose, number),
    CONSTRAINT data_keys_usable UNIQUE (tenant_id, usable_id),
    CONSTRAINT data_keys_retired_is_destroyed CHECK ((retired_at IS NULL) = (wrapped IS NOT NULL))
);
-- Which keys are to be wrapped anew under another key-encryption key, over all tenants.
CREATE INDEX data_keys_by_wrapping ON data_keys (wrapped_by, tenant_id, data_key_id) WHERE retired_at IS NULL;

ALTER TABLE payment_methods
    ADD COLUMN data_key_id uuid,
    DROP CONSTRAINT payment_methods_sealed_by_a_key,
    -- By a data key; or, before tenants had any, by a version of the installation's own key.
    ADD CONSTRAINT payment_methods_sealed_by_one_key
        CHECK (num_nonnulls(data_key_id, key_version) = num_nonnulls(sealed)),
    -- No record names a retired key, and no key that a record names can be retired.
    ADD CONSTRAINT payment_methods_sealed_by_usable_key
        FOREIGN KEY (tenant_id, data_key_id) REFERENCES data_keys (tenant_id, usable_id);
-- What is sealed under a key: what a rotation still has to do, and whether a key can be retired.
CREATE INDEX payment_methods_by_data_key ON payment_methods (tenant_id, data_key_id, method_id)
    WHERE data_key_id IS NOT NULL;
CREATE INDEX payment_methods_by_installation_key ON payment_methods (tenant_id, method_id)
    WHERE key_version IS NOT NULL;

-- Rotations, which are jobs.
CREATE TABLE key_rotations (
    tenant_id   text        NOT NULL,
    job_id      uuid        NOT NULL,
    version     bigint      NOT NULL CHECK (version >= 1),
    purpose     text        NOT NULL CHECK (purpose IN ('payment_methods')),
    -- What everything is to be sealed under.
    data_key_id uuid        NOT NULL,
    total       bigint      NOT NULL CHECK (total >= 0),
    done        bigint      NOT NULL CHECK (done >= 0),
    -- Records that did not open, and why.
    failures    jsonb       NOT NULL CHECK (jsonb_typeof(failures) = 'array'),
    created_by  text        NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, job_id),
    FOREIGN KEY (tenant_id, data_key_id) REFERENCES data_keys (tenant_id, data_key_id)
);
-- One at a time.
CREATE UNIQUE INDEX key_rotations_one_at_a_time ON key_rotations (tenant_id, purpose) WHERE finished_at IS NULL;
-- What the worker goes on with, over all tenants.
CREATE INDEX key_rotations_running ON key_rotations (created_at, tenant_id, job_id) WHERE finished_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON data_keys, key_rotations TO ${role};
