-- The last verification of a method, of which there is one at a time: how, at which connector, where it stands, and what came
-- of it. Of deposits only a keyed digest of their amounts, while they may be named.
ALTER TABLE payment_methods
    ADD COLUMN verification jsonb,
    -- When its answer is sought again, or the time to name amounts is over: what the worker looks for.
    ADD COLUMN verification_due_at timestamptz,
    -- What was told last of the card's expiry; each is told once.
    ADD COLUMN expiry_told text CHECK (expiry_told IN ('expiring', 'expired')),
    ADD CONSTRAINT payment_methods_verification_is_known CHECK (
        verification IS NULL
        OR (verification ->> 'status' IN ('unverified', 'pending', 'verified', 'failed')
            AND verification ->> 'kind' IN ('zero_amount', 'three_ds', 'micro_deposits'))),
    -- No more wrong amounts than may be named.
    ADD CONSTRAINT payment_methods_verification_tries CHECK (
        verification IS NULL OR (verification ->> 'wrong_tries')::integer BETWEEN 0 AND 3),
    ADD CONSTRAINT payment_methods_verification_deposits CHECK (
        verification ->> 'deposits' IS NULL
        OR (verification ->> 'kind' = 'micro_deposits' AND verification ->> 'status' = 'pending')),
    -- Only what is pending has something to come, and no deleted method has.
    ADD CONSTRAINT payment_methods_verification_is_due CHECK (
        (verification_due_at IS NOT NULL) = (coalesce(verification ->> 'status', '') = 'pending')
        AND (verification_due_at IS NULL OR deleted_at IS NULL)),
    ADD CONSTRAINT payment_methods_expiry_of_cards CHECK (expiry_told IS NULL OR exp_year IS NOT NULL);

CREATE INDEX payment_methods_verification_due ON payment_methods (verification_due_at, tenant_id, method_id)
    WHERE verification_due_at IS NOT NULL;

-- Of cards that expired before anybody was told of it, nobody is told now.
UPDATE payment_methods SET expiry_told = 'expired'
WHERE exp_year * 12 + exp_month < extract(year FROM now())::integer * 12 + extract(month FROM now())::integer;

-- Whose expiry is to be told, over all tenants, by the card's last month.
CREATE INDEX payment_methods_expiring ON payment_methods ((exp_year * 12 + exp_month), expiry_told)
    WHERE deleted_at IS NULL AND exp_year IS NOT NULL AND expiry_told IS DISTINCT FROM 'expired';

ALTER TABLE secret_reads
    DROP CONSTRAINT secret_reads_purpose_check,
    ADD CONSTRAINT secret_reads_purpose_check
        CHECK (purpose IN ('charge', 'key_rotation', 'verification', 'connector_call'));
