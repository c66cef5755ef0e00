-- A refund that was called off, and is found to have been done after all while its charge does not cover it any more, keeps
-- what was found as one that failed does, and stands in the queue until a person settles it.
ALTER TABLE refunds
    DROP CONSTRAINT refunds_conflict_is_open,
    ADD CONSTRAINT refunds_conflict_is_open CHECK (
        conflict_amount_minor IS NULL OR status IN ('processing', 'requires_action', 'canceled')
        OR (status = 'failed' AND gateway_reference IS NULL));
