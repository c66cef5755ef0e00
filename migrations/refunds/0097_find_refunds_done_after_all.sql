-- A refund that was taken for failed and is found to have been done after all counts from then on. Where its charge does not
-- cover it any more, or another amount was given back, what was found stays beside it in the columns of conflicts, and it
-- stands in the queue until a person settles it.
ALTER TABLE refunds
    -- How a person settled it, the last time: outcome, from what, who, why, when.
    ADD COLUMN resolution jsonb CHECK (jsonb_typeof(resolution) = 'object');

-- Of those that were found so before only the words were kept, and the name in the place of one that was taken back.
UPDATE refunds
SET conflict_amount_minor = round(
        substring(failure_message FROM 'had refunded ([0-9.]+) ')::numeric
        * 10::numeric ^ currency_places(substring(failure_message FROM 'had refunded [0-9.]+ ([A-Z]{3}) '))),
    conflict_currency = substring(failure_message FROM 'had refunded [0-9.]+ ([A-Z]{3}) '),
    conflict_gateway_reference = gateway_reference,
    gateway_reference = NULL
WHERE status = 'failed' AND origin = 'tender' AND gateway_reference IS NOT NULL
    AND failure_message ~
        '^taken for failed, and then the gateway said that it had refunded [0-9]+([.][0-9]+)? [A-Z]{3} [(]';

ALTER TABLE refunds
    ADD CONSTRAINT refunds_conflict_is_whole CHECK (
        (conflict_amount_minor IS NULL) = (conflict_currency IS NULL)
        AND (conflict_amount_minor IS NULL) = (conflict_gateway_reference IS NULL)),
    -- What the gateway took back is known, and nobody's to settle.
    ADD CONSTRAINT refunds_conflict_is_open CHECK (
        conflict_amount_minor IS NULL OR status IN ('processing', 'requires_action')
        OR (status = 'failed' AND gateway_reference IS NULL));

-- The ledger has reversed what was taken back, under an effect of its own that it enters once: it never counts again.
CREATE FUNCTION refuse_to_count_again() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'refund % of %: the gateway took it back, so it cannot be %',
        NEW.refund_id, NEW.tenant_id, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_taken_back_stays', TABLE = 'refunds';
END $$;
CREATE TRIGGER refunds_taken_back_stays BEFORE UPDATE ON refunds FOR EACH ROW
    WHEN (OLD.status = 'failed' AND OLD.gateway_reference IS NOT NULL AND NEW.status <> 'failed')
    EXECUTE FUNCTION refuse_to_count_again();

-- How much waits, and since when: for another call, or for a person.
DROP INDEX refunds_waiting;
CREATE INDEX refunds_waiting ON refunds (created_at)
    WHERE next_attempt_at IS NOT NULL OR conflict_amount_minor IS NOT NULL
        OR (attempt_started_at IS NOT NULL AND next_check_at IS NULL);
