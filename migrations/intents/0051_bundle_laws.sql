-- The laws over several columns of a row that every payment writes become those of one value, made of these columns.
-- PostgreSQL reads a table's CHECKs anew in every statement, which took 15 µs for each of them and so half of a small
-- batch's time; a domain's it reads once a session. The laws and their names stay the same. A new one is an
-- ALTER DOMAIN … ADD CONSTRAINT; one that names a column which is not here is a CHECK of the table, as before.
CREATE TYPE intent_facts AS (
    status                text,
    amount_minor          bigint,
    amount_captured_minor bigint,
    canceled_at           timestamptz,
    closes_at             timestamptz,
    expires_at            timestamptz,
    live_order_ref        text,
    order_ref             text,
    method_id             uuid,
    test_token            text,
    capture_delay_seconds integer,
    capture_mode          text,
    channel               text
);
CREATE DOMAIN lawful_intent AS intent_facts
    CONSTRAINT intents_captured_within_amount
        CHECK ((VALUE).amount_captured_minor BETWEEN 0 AND (VALUE).amount_minor)
    CONSTRAINT intents_succeeded_took_money
        CHECK ((VALUE).status <> 'succeeded' OR (VALUE).amount_captured_minor > 0)
    CONSTRAINT intents_canceled_took_none
        CHECK ((VALUE).status <> 'canceled' OR (VALUE).amount_captured_minor = 0)
    CONSTRAINT intents_canceled_is_dated
        CHECK (((VALUE).status = 'canceled') = ((VALUE).canceled_at IS NOT NULL))
    CONSTRAINT intents_closes_when_it_expires
        CHECK ((VALUE).closes_at IS NULL OR (VALUE).closes_at = (VALUE).expires_at)
    CONSTRAINT intents_live_order_is_its_own
        CHECK ((VALUE).live_order_ref IS NULL OR (VALUE).live_order_ref = (VALUE).order_ref)
    CONSTRAINT intents_one_instrument
        CHECK ((VALUE).method_id IS NULL OR (VALUE).test_token IS NULL)
    CONSTRAINT intents_only_auto_is_delayed
        CHECK ((VALUE).capture_delay_seconds IS NULL OR (VALUE).capture_mode = 'auto')
    CONSTRAINT intents_channel_check
        CHECK ((VALUE).channel IN ('core', 'tickets', 'adventures', 'rentals', 'hotels'));

CREATE TYPE attempt_facts AS (
    status              text,
    void                text,
    void_at             timestamptz,
    next_check_at       timestamptz,
    queued_at           timestamptz,
    gateway_reference   text,
    challenge_url       text,
    challenge_reference text,
    decline_code        text,
    decline_message     text,
    capture_at          timestamptz,
    expires_at          timestamptz,
    method_id           uuid,
    test_token          text,
    alternative         text
);
CREATE DOMAIN lawful_attempt AS attempt_facts
    CONSTRAINT attempts_one_instrument
        CHECK (num_nonnulls((VALUE).method_id, (VALUE).test_token, (VALUE).alternative) = 1)
    CONSTRAINT attempts_approved_is_named
        CHECK (((VALUE).status = 'approved') = ((VALUE).gateway_reference IS NOT NULL))
    CONSTRAINT attempts_declined_says_why
        CHECK (((VALUE).decline_code IS NULL) = ((VALUE).decline_message IS NULL))
    CONSTRAINT attempts_challenge_is_whole
        CHECK (((VALUE).challenge_url IS NULL) = ((VALUE).challenge_reference IS NULL))
    CONSTRAINT attempts_only_approved_is_voided
        CHECK ((VALUE).void IS NULL OR (VALUE).status = 'approved')
    CONSTRAINT attempts_void_is_dated
        CHECK (((VALUE).void IS NULL) = ((VALUE).void_at IS NULL))
    CONSTRAINT attempts_only_what_is_held_is_timed
        CHECK (((VALUE).capture_at IS NULL AND (VALUE).expires_at IS NULL)
            OR ((VALUE).status = 'approved' AND (VALUE).void IS NULL))
    CONSTRAINT attempts_open_is_pursued_or_queued CHECK (
        CASE WHEN (VALUE).status IN ('started', 'unknown') OR (VALUE).void = 'started'
            THEN ((VALUE).next_check_at IS NULL) <> ((VALUE).queued_at IS NULL)
            ELSE (VALUE).next_check_at IS NULL END)
    CONSTRAINT attempts_for_a_person_is_queued CHECK (
        CASE WHEN (VALUE).status = 'conflict' OR (VALUE).void = 'declined' THEN (VALUE).queued_at IS NOT NULL
            WHEN (VALUE).status = 'unknown' OR (VALUE).void = 'started' THEN true
            ELSE (VALUE).queued_at IS NULL END);

CREATE TYPE capture_facts AS (
    status            text,
    answered_at       timestamptz,
    next_check_at     timestamptz,
    queued_at         timestamptz,
    gateway_reference text
);
CREATE DOMAIN lawful_capture AS capture_facts
    CONSTRAINT captures_succeeded_is_named
        CHECK ((VALUE).status <> 'succeeded' OR (VALUE).gateway_reference IS NOT NULL)
    CONSTRAINT captures_ended_is_dated
        CHECK (((VALUE).status = 'pending') = ((VALUE).answered_at IS NULL))
    CONSTRAINT captures_only_pending_is_checked
        CHECK ((VALUE).next_check_at IS NULL OR (VALUE).status = 'pending')
    CONSTRAINT captures_open_is_pursued_or_queued CHECK (
        CASE (VALUE).status WHEN 'pending' THEN ((VALUE).next_check_at IS NULL) <> ((VALUE).queued_at IS NULL)
            -- One that failed is queued when the gateway then said that it had captured.
            WHEN 'failed' THEN (VALUE).next_check_at IS NULL
            ELSE (VALUE).next_check_at IS NULL AND (VALUE).queued_at IS NULL END);

ALTER TABLE intents
    DROP CONSTRAINT intents_captured_within_amount,
    DROP CONSTRAINT intents_succeeded_took_money,
    DROP CONSTRAINT intents_canceled_took_none,
    DROP CONSTRAINT intents_canceled_is_dated,
    DROP CONSTRAINT intents_closes_when_it_expires,
    DROP CONSTRAINT intents_live_order_is_its_own,
    DROP CONSTRAINT intents_one_instrument,
    DROP CONSTRAINT intents_only_auto_is_delayed,
    DROP CONSTRAINT intents_channel_check,
    ADD CONSTRAINT intents_lawful CHECK (
        ROW(status, amount_minor, amount_captured_minor, canceled_at, closes_at, expires_at, live_order_ref, order_ref,
            method_id, test_token, capture_delay_seconds, capture_mode, channel)::lawful_intent IS DISTINCT FROM NULL);
ALTER TABLE attempts
    DROP CONSTRAINT attempts_one_instrument,
    DROP CONSTRAINT attempts_approved_is_named,
    DROP CONSTRAINT attempts_declined_says_why,
    DROP CONSTRAINT attempts_challenge_is_whole,
    DROP CONSTRAINT attempts_only_approved_is_voided,
    DROP CONSTRAINT attempts_void_is_dated,
    DROP CONSTRAINT attempts_only_what_is_held_is_timed,
    DROP CONSTRAINT attempts_open_is_pursued_or_queued,
    DROP CONSTRAINT attempts_for_a_person_is_queued,
    ADD CONSTRAINT attempts_lawful CHECK (
        ROW(status, void, void_at, next_check_at, queued_at, gateway_reference, challenge_url, challenge_reference,
            decline_code, decline_message, capture_at, expires_at, method_id, test_token, alternative)::lawful_attempt IS DISTINCT FROM NULL);
ALTER TABLE captures
    DROP CONSTRAINT captures_succeeded_is_named,
    DROP CONSTRAINT captures_ended_is_dated,
    DROP CONSTRAINT captures_only_pending_is_checked,
    DROP CONSTRAINT captures_open_is_pursued_or_queued,
    ADD CONSTRAINT captures_lawful CHECK (
        ROW(status, answered_at, next_check_at, queued_at, gateway_reference)::lawful_capture IS DISTINCT FROM NULL);
