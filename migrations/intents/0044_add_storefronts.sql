-- The adventures, rentals and hotels dialects: the doors of their payments, what they want kept beside an intent, the
-- refunds that they show, and the adventures document's table `payments`.

-- No row that is there can break the wider list, so none is looked at.
ALTER TABLE intents DROP CONSTRAINT intents_channel_check;
ALTER TABLE intents ADD CONSTRAINT intents_channel_check
    CHECK (channel IN ('core', 'tickets', 'adventures', 'rentals', 'hotels')) NOT VALID;

-- What a storefront's document wants kept of a payment. Only its payments have such a row; it never changes.
CREATE TABLE storefront_payments (
    tenant_id  text NOT NULL,
    intent_id  uuid NOT NULL,
    -- The idempotency key as the client named it, where the document shows it.
    client_key text CHECK (length(client_key) BETWEEN 1 AND 255),
    -- From where the payer's call came, where the document wants it recorded.
    ip_address text CHECK (length(ip_address) BETWEEN 1 AND 45),
    user_agent text CHECK (length(user_agent) BETWEEN 1 AND 512),
    PRIMARY KEY (tenant_id, intent_id)
);

-- Refunds as the refunds service told of them last. Rows that are there gave money back, and so do those that the release
-- before this one still writes: it names none of these columns, and any version that is told later is newer.
ALTER TABLE refunds_seen
    ADD COLUMN version              bigint  NOT NULL DEFAULT 0,
    -- In the client's words where it has them; empty where it was not kept.
    ADD COLUMN reason               text    NOT NULL DEFAULT '',
    ADD COLUMN status               text    NOT NULL DEFAULT 'succeeded',
    ADD COLUMN failed_after_success boolean NOT NULL DEFAULT false,
    -- When it was asked for; NULL where it was not kept.
    ADD COLUMN created_at           timestamptz;

-- The adventures document's table `payments`, with the tenant beside its columns. The barrier keeps a condition of the
-- reader's from being tried on payments of other doors, whose references are no UUIDs. Amounts have three places, as
-- many as any currency has that payments are made in.
CREATE VIEW payments WITH (security_barrier) AS
SELECT
    i.tenant_id,
    i.intent_id                                                                          AS payment_id,
    i.order_ref::uuid                                                                    AS reservation_id,
    i.customer_id::uuid                                                                  AS guest_id,
    (i.amount_minor::numeric / 10::numeric ^ currency_places(i.currency))::numeric(20, 3) AS amount,
    i.currency::character(3)                                                             AS currency,
    i.method_id                                                                          AS payment_method_id,
    -- Until the gateway has named it, our own reference at the gateway.
    COALESCE(a.gateway_reference, a.attempt_id::text, i.intent_id::text)::varchar(255)   AS gateway_ref,
    (CASE
        WHEN i.status = 'succeeded' AND i.amount_refunded_minor >= i.amount_captured_minor THEN 'REFUNDED'
        WHEN i.status = 'succeeded' AND i.amount_refunded_minor > 0 THEN 'PARTIALLY_REFUNDED'
        WHEN i.status = 'succeeded' THEN 'COMPLETED'
        WHEN i.status IN ('authorized', 'requires_capture') THEN 'AUTHORIZED'
        WHEN i.status IN ('failed', 'requires_payment_method') THEN 'FAILED'
        WHEN i.status = 'canceled' THEN 'CANCELED'
        ELSE 'PENDING'
    END)::varchar(20)                                                                    AS status,
    s.client_key::varchar(64)                                                            AS idempotency_key,
    i.created_at
FROM intents i
LEFT JOIN storefront_payments s ON s.tenant_id = i.tenant_id AND s.intent_id = i.intent_id
LEFT JOIN LATERAL (
    SELECT attempt_id, gateway_reference FROM attempts
    WHERE tenant_id = i.tenant_id AND intent_id = i.intent_id AND number > 0
    ORDER BY number DESC LIMIT 1
) a ON true
WHERE i.channel = 'adventures';

GRANT SELECT, INSERT ON storefront_payments TO ${role};
GRANT UPDATE ON refunds_seen TO ${role};
GRANT SELECT ON payments TO ${role};
