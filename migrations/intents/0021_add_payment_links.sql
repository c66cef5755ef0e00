-- Payment links. Of a link's token there is only the SHA-256; a link is found by it through `locator` (kind
-- `payment_link`).
CREATE TABLE payment_links (
    tenant_id           text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    link_id             uuid        NOT NULL,
    version             bigint      NOT NULL CHECK (version > 0),
    livemode            boolean     NOT NULL,
    amount_minor        bigint      NOT NULL CHECK (amount_minor > 0),
    currency            text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    customer_id         text,
    merchant_account_id text        NOT NULL,
    description         text,
    order_ref           text,
    details             jsonb       NOT NULL CHECK (jsonb_typeof(details) = 'array'),
    guest               jsonb       NOT NULL CHECK (jsonb_typeof(guest) = 'object'),
    usage               text        NOT NULL CHECK (usage IN ('single', 'multiple')),
    status              text        NOT NULL CHECK (status IN ('active', 'completed', 'canceled')),
    expires_at          timestamptz NOT NULL,
    token_hash          bytea       NOT NULL CHECK (octet_length(token_hash) = 32),
    -- The intent that pays a link for one payment.
    intent_id           uuid,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, link_id),
    CONSTRAINT payment_links_only_single_points CHECK (intent_id IS NULL OR usage = 'single'),
    CONSTRAINT payment_links_completed_was_paid CHECK (status <> 'completed' OR intent_id IS NOT NULL)
);
CREATE UNIQUE INDEX payment_links_token ON payment_links (tenant_id, token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX payment_links_by_order ON payment_links (tenant_id, order_ref, link_id) WHERE order_ref IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON payment_links TO ${role};
