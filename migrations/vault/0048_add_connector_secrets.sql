-- The credentials of tenants' own connectors, sealed under the tenants' keys as the tokens of payment methods are.
CREATE TABLE connector_secrets (
    tenant_id    text        NOT NULL,
    connector_id uuid        NOT NULL,
    version      bigint      NOT NULL CHECK (version >= 1),
    -- Which credentials of the connector they are: each rotation makes the next.
    generation   integer     NOT NULL CHECK (generation >= 1),
    -- AES-256-GCM: nonce (12 bytes), ciphertext, tag (16 bytes). NULL once they are destroyed.
    sealed       bytea       CHECK (octet_length(sealed) > 28),
    data_key_id  uuid,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, connector_id),
    CONSTRAINT connector_secrets_sealed_by_a_key CHECK ((sealed IS NULL) = (data_key_id IS NULL)),
    CONSTRAINT connector_secrets_sealed_by_usable_key
        FOREIGN KEY (tenant_id, data_key_id) REFERENCES data_keys (tenant_id, usable_id)
);
-- What a rotation still has to seal anew, and whether a key can be retired.
CREATE INDEX connector_secrets_by_data_key ON connector_secrets (tenant_id, data_key_id, connector_id)
    WHERE data_key_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON connector_secrets TO ${role};

-- A line of the log is about a payment method or about a connector.
ALTER TABLE secret_reads
    ALTER COLUMN method_id DROP NOT NULL,
    ADD COLUMN connector_id uuid,
    ADD CONSTRAINT secret_reads_of_one_record CHECK (num_nonnulls(method_id, connector_id) = 1),
    DROP CONSTRAINT secret_reads_purpose_check,
    ADD CONSTRAINT secret_reads_purpose_check CHECK (purpose IN ('charge', 'key_rotation', 'connector_call'));
