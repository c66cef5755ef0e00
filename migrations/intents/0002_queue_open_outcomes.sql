-- Outcomes that no gateway tells: pursued for seven days, then in a queue until a person settles them.
--
-- `queued_at` is since when a call is a person's: its outcome was not to be had, it is in conflict, or its void was
-- refused. No payment that goes well writes it, so its index costs none of them anything.
ALTER TABLE attempts
    -- Part of the request, should it have to be sent again.
    ADD COLUMN off_session boolean NOT NULL DEFAULT false,
    -- When the void of what it holds was begun.
    ADD COLUMN void_at     timestamptz,
    ADD COLUMN queued_at   timestamptz,
    -- How a person settled it, the last time: outcome, who, why, when.
    ADD COLUMN resolution  jsonb CHECK (jsonb_typeof(resolution) = 'object'),
    DROP CONSTRAINT attempts_void_check,
    DROP CONSTRAINT attempts_open_is_checked;

UPDATE attempts SET void_at = coalesce(answered_at, started_at) WHERE void IS NOT NULL;
UPDATE attempts SET queued_at = coalesce(answered_at, started_at) WHERE status = 'conflict';

ALTER TABLE attempts
    ADD CONSTRAINT attempts_void_is_known CHECK (void IN ('started', 'done', 'declined')),
    ADD CONSTRAINT attempts_void_is_dated CHECK ((void IS NULL) = (void_at IS NULL)),
    -- A call whose outcome is open is pursued or a person's: none is ever forgotten, and none that has ended is pursued.
    ADD CONSTRAINT attempts_open_is_pursued_or_queued CHECK (
        CASE WHEN status IN ('started', 'unknown') OR void = 'started'
            THEN (next_check_at IS NULL) <> (queued_at IS NULL)
            ELSE next_check_at IS NULL END),
    ADD CONSTRAINT attempts_for_a_person_is_queued CHECK (
        CASE WHEN status = 'conflict' OR void = 'declined' THEN queued_at IS NOT NULL
            WHEN status = 'unknown' OR void = 'started' THEN true
            ELSE queued_at IS NULL END);
CREATE INDEX attempts_queued ON attempts (tenant_id, queued_at) WHERE queued_at IS NOT NULL;

ALTER TABLE captures
    ADD COLUMN queued_at  timestamptz,
    ADD COLUMN resolution jsonb CHECK (jsonb_typeof(resolution) = 'object');

UPDATE captures SET queued_at = created_at WHERE status = 'pending' AND next_check_at IS NULL;

ALTER TABLE captures
    ADD CONSTRAINT captures_open_is_pursued_or_queued CHECK (
        CASE status WHEN 'pending' THEN (next_check_at IS NULL) <> (queued_at IS NULL)
            -- One that failed is queued when the gateway then said that it had captured.
            WHEN 'failed' THEN next_check_at IS NULL
            ELSE next_check_at IS NULL AND queued_at IS NULL END);
CREATE INDEX captures_queued ON captures (tenant_id, queued_at) WHERE queued_at IS NOT NULL;
