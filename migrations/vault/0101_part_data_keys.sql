-- A data key serves one purpose: connectors' credentials have keys of their own. Those that were sealed under a key of payment
-- methods open as before, and the tenant's next rotation moves them.
ALTER TABLE data_keys
    DROP CONSTRAINT data_keys_purpose_check,
    ADD CONSTRAINT data_keys_purpose_check CHECK (purpose IN ('payment_methods', 'connector_credentials')),
    -- What payment methods name.
    ADD COLUMN seals_methods_id uuid
        GENERATED ALWAYS AS (CASE WHEN retired_at IS NULL AND purpose = 'payment_methods' THEN data_key_id END) STORED,
    ADD CONSTRAINT data_keys_seals_methods UNIQUE (tenant_id, seals_methods_id);

-- No payment method is under a key of another purpose, nor, as before, under a retired one.
ALTER TABLE payment_methods
    DROP CONSTRAINT payment_methods_sealed_by_usable_key,
    ADD CONSTRAINT payment_methods_sealed_by_usable_key
        FOREIGN KEY (tenant_id, data_key_id) REFERENCES data_keys (tenant_id, seals_methods_id);

-- A rotation is of all of the tenant's keys, `purpose` being by what one runs at a time. NULL of those that were begun before.
ALTER TABLE key_rotations
    ADD COLUMN credentials_key_id uuid,
    ADD CONSTRAINT key_rotations_credentials_key
        FOREIGN KEY (tenant_id, credentials_key_id) REFERENCES data_keys (tenant_id, data_key_id);
