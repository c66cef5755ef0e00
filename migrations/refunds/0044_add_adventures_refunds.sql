-- The adventures document's table `refunds`, with the tenant beside its columns. Under another name, for `refunds` is
-- the platform's own. Amounts have three places, as many as any currency has that payments are made in.
CREATE VIEW adventures_refunds AS
SELECT
    tenant_id,
    refund_id,
    intent_id                                                                         AS payment_id,
    (amount_minor::numeric / 10::numeric ^ currency_places(currency))::numeric(20, 3) AS amount,
    -- In the client's words, where it gave some.
    COALESCE(metadata ->> 'reason', reason)                                           AS reason,
    -- Until the gateway has named it, our own reference at the gateway.
    COALESCE(gateway_reference, refund_id::text)::varchar(255)                        AS gateway_ref,
    (CASE status
        WHEN 'succeeded' THEN 'COMPLETED'
        WHEN 'failed' THEN 'FAILED'
        WHEN 'canceled' THEN 'CANCELED'
        ELSE 'PENDING'
    END)::varchar(20)                                                                 AS status,
    created_at
FROM refunds;
GRANT SELECT ON adventures_refunds TO ${role};
