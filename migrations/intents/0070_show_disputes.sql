-- Disputes as the refunds service told of them last; and the adventures document's table `payments` says what is disputed.
CREATE TABLE disputes_seen (
    tenant_id    text        NOT NULL,
    dispute_id   uuid        NOT NULL,
    version      bigint      NOT NULL,
    intent_id    uuid        NOT NULL,
    source       text        NOT NULL CHECK (source IN ('GUEST', 'CHARGEBACK')),
    amount_minor bigint      NOT NULL,
    currency     text        NOT NULL,
    reason       text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('OPEN', 'UNDER_REVIEW', 'ESCALATED', 'RESOLVED')),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id)
);
CREATE INDEX disputes_seen_of_intent ON disputes_seen (tenant_id, intent_id, dispute_id);
GRANT SELECT, INSERT, UPDATE ON disputes_seen TO ${role};

CREATE OR REPLACE VIEW payments WITH (security_barrier) AS
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
        WHEN i.status = 'succeeded' AND (i.disputed ->> 'minor')::bigint > 0 THEN 'DISPUTED'
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
