-- A refund that its gateway did not do for a reason that passes waits for another call: it stays pending, holds its amount,
-- and says why its last call had no effect.
ALTER TABLE refunds
    -- How many calls were begun; each has a name of its own at the gateway. Of those of before, one at most.
    ADD COLUMN attempts integer NOT NULL DEFAULT 1 CHECK (attempts >= 0),
    ADD COLUMN next_attempt_at timestamptz,
    ADD CONSTRAINT refunds_pending_is_tried_again CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
    DROP CONSTRAINT refunds_failed_says_why,
    ADD CONSTRAINT refunds_failed_says_why
        CHECK ((status IN ('failed', 'pending'))
               = (failure_reason IS NOT NULL AND failure_message IS NOT NULL AND actions IS NOT NULL));
-- What is tried again next, over all tenants.
CREATE INDEX refunds_retried ON refunds (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
-- How much waits, and since when: for another call, or for a person.
CREATE INDEX refunds_waiting ON refunds (created_at)
    WHERE next_attempt_at IS NOT NULL OR (attempt_started_at IS NOT NULL AND next_check_at IS NULL);
