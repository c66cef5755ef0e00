-- A refund as store credit is done with its own commit: no gateway hears of it, so none has a name for it. It is a
-- customer's, for whom the ledger keeps it.
ALTER TABLE refunds
    DROP CONSTRAINT refunds_succeeded_is_known,
    ADD CONSTRAINT refunds_succeeded_is_known
        CHECK (status <> 'succeeded' OR gateway_reference IS NOT NULL OR refund_method = 'store_credit'),
    ADD CONSTRAINT refunds_store_credit_is_a_customers
        CHECK (refund_method <> 'store_credit'
               OR (status = 'succeeded' AND customer_id IS NOT NULL AND gateway_reference IS NULL
                   AND origin = 'tender'));
