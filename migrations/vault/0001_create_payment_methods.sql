-- Saved payment methods. Never a card number: what may be shown of a card, a keyed fingerprint, and the connectors'
-- tokens sealed by a key that this database does not have.
CREATE TABLE payment_methods (
    tenant_id            text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    method_id            uuid        NOT NULL,
    version              bigint      NOT NULL CHECK (version >= 1),
    customer_id          text        CHECK (length(customer_id) BETWEEN 1 AND 255),
    type                 text        NOT NULL CHECK (type IN ('card')),
    brand                text        NOT NULL CHECK (length(brand) BETWEEN 1 AND 40),
    -- Four digits and no more, whatever a gateway says.
    last4                text        NOT NULL CHECK (last4 ~ '^[0-9]{4}$'),
    exp_month            integer     NOT NULL CHECK (exp_month BETWEEN 1 AND 12),
    exp_year             integer     NOT NULL CHECK (exp_year BETWEEN 2000 AND 2999),
    -- HMAC-SHA256 of the card's identity.
    fingerprint          bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    -- AES-256-GCM: nonce (12 bytes), ciphertext, tag (16 bytes). NULL once the method is deleted.
    sealed               bytea       CHECK (octet_length(sealed) > 28),
    -- Which key sealed it.
    key_version          integer     CHECK (key_version >= 1),
    is_default           boolean     NOT NULL,
    metadata             jsonb       NOT NULL,
    billing              jsonb,
    consent_text_version text        CHECK (length(consent_text_version) BETWEEN 1 AND 255),
    consented_at         timestamptz,
    deleted_at           timestamptz,
    livemode             boolean     NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    -- The customer whose default this is, for the constraint below.
    default_of           text GENERATED ALWAYS AS (CASE WHEN is_default AND deleted_at IS NULL THEN customer_id END)
                         STORED,
    PRIMARY KEY (tenant_id, method_id),
    -- One default a customer. Checked at the end of a statement, since one statement moves the default from one row
    -- to another.
    CONSTRAINT payment_methods_one_default UNIQUE (tenant_id, default_of) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT payment_methods_default_has_customer CHECK (NOT is_default OR customer_id IS NOT NULL),
    CONSTRAINT payment_methods_secrets_end_with_it CHECK ((deleted_at IS NULL) = (sealed IS NOT NULL)),
    CONSTRAINT payment_methods_sealed_by_a_key CHECK ((sealed IS NULL) = (key_version IS NULL)),
    CONSTRAINT payment_methods_deleted_is_bare CHECK (deleted_at IS NULL OR (billing IS NULL AND NOT is_default)),
    CONSTRAINT payment_methods_consent_is_dated CHECK ((consent_text_version IS NULL) = (consented_at IS NULL))
);
-- A customer's active methods, newest first.
CREATE INDEX payment_methods_by_customer ON payment_methods (customer_id, tenant_id, method_id)
    WHERE deleted_at IS NULL;

-- Deleting is an update: what is left of a method serves the books.
GRANT SELECT, INSERT, UPDATE ON payment_methods TO ${role};
