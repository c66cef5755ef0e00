-- What time does to an intent: delayed captures, the end of authorizations and of what can no longer be confirmed,
-- challenges that nobody meets; and the refunds of an intent, as refunds tells of them.
ALTER TABLE intents
    -- How long after its authorization we capture; only of capture_mode 'auto'.
    ADD COLUMN capture_delay_seconds integer CHECK (capture_delay_seconds BETWEEN 1 AND 518400),
    -- `expires_at` while the intent can be canceled for it: no outcome is open, nothing is held or final. Only payments
    -- with an expiry write it, so that the others' updates stay on their page.
    ADD COLUMN closes_at timestamptz,
    ADD CONSTRAINT intents_only_auto_is_delayed CHECK (capture_delay_seconds IS NULL OR capture_mode = 'auto'),
    ADD CONSTRAINT intents_closes_when_it_expires CHECK (closes_at IS NULL OR closes_at = expires_at);
UPDATE intents SET closes_at = expires_at
    WHERE expires_at IS NOT NULL AND status IN ('requires_payment_method', 'requires_confirmation', 'requires_action');
CREATE INDEX intents_closing ON intents (closes_at) WHERE closes_at IS NOT NULL;

ALTER TABLE attempts
    -- When we capture what it holds.
    ADD COLUMN capture_at timestamptz,
    -- When what it holds is let go by itself.
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT attempts_only_what_is_held_is_timed
        CHECK ((capture_at IS NULL AND expires_at IS NULL) OR (status = 'approved' AND void IS NULL));
UPDATE attempts a SET expires_at = a.answered_at + interval '7 days'
    FROM intents i
    WHERE i.tenant_id = a.tenant_id AND i.intent_id = a.intent_id AND i.status = 'requires_capture'
      AND a.status = 'approved' AND a.void IS NULL;
CREATE INDEX attempts_to_capture ON attempts (capture_at) WHERE capture_at IS NOT NULL;
CREATE INDEX attempts_expiring ON attempts (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX attempts_challenged ON attempts (answered_at) WHERE status = 'challenge';

-- Refunds that gave money back: shown among an intent's transactions.
CREATE TABLE refunds_seen (
    tenant_id         text        NOT NULL,
    refund_id         uuid        NOT NULL,
    intent_id         uuid        NOT NULL,
    attempt_id        uuid        NOT NULL,
    amount_minor      bigint      NOT NULL CHECK (amount_minor > 0),
    currency          text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    gateway_reference text,
    processed_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, refund_id)
);
CREATE INDEX refunds_seen_of_intent ON refunds_seen (tenant_id, intent_id, refund_id) WHERE amount_minor > 0;
GRANT SELECT, INSERT ON refunds_seen TO ${role};
