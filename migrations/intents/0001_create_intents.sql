-- Payment intents with their attempts and captures, and the built-in orders directory.
--
-- An intent's row is the root of its aggregate: its version is checked whenever an attempt or capture of it is written,
-- in the same statement. No foreign keys between them: nothing is ever deleted, and every payment would pay for the
-- look-ups. Amounts are in minor units of the intent's currency.
--
-- A payment is one INSERT and one UPDATE of each row here, so indexes are few, and no index of `intents` names a column
-- that a payment's second commit changes: that update then stays on its page and touches no index.
--
-- Every index beside a primary key is partial, also where the condition always holds (`number > 0`). The batched commit
-- looks rows up by primary key with a plan that is made once, perhaps on empty tables, where the planner takes any
-- index that begins with tenant_id for as good. One whose condition the statement does not name cannot be taken.
CREATE TABLE intents (
    tenant_id             text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    intent_id             uuid        NOT NULL,
    version               bigint      NOT NULL CHECK (version > 0),
    livemode              boolean     NOT NULL,
    amount_minor          bigint      NOT NULL CHECK (amount_minor > 0),
    currency              text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status                text        NOT NULL
        CHECK (status IN ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing',
                          'authorized', 'requires_capture', 'succeeded', 'canceled', 'failed')),
    customer_id           text,
    merchant_account_id   text        NOT NULL,
    -- What is to be charged: a method of the vault by its id, or one of the sandbox's published test tokens.
    method_id             uuid,
    test_token            text,
    method_type           text        NOT NULL,
    method_brand          text,
    method_last4          text,
    capture_mode          text        NOT NULL CHECK (capture_mode IN ('auto', 'manual')),
    description           text,
    statement_descriptor  text,
    order_ref             text,
    reservation_ref       text,
    metadata              jsonb       NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    max_attempts          integer     NOT NULL CHECK (max_attempts > 0),
    expires_at            timestamptz,
    channel               text        NOT NULL CHECK (channel IN ('core', 'tickets')),
    -- Why the last attempt failed.
    last_payment_error    jsonb       CHECK (jsonb_typeof(last_payment_error) = 'object'),
    cancellation_reason   text,
    canceled_at           timestamptz,
    -- The sum of the captures that succeeded.
    amount_captured_minor bigint      NOT NULL,
    -- What refunds tells that was given back: a projection of facts, so nothing may refuse it.
    amount_refunded_minor bigint      NOT NULL,
    -- The order whose one live payment this is; NULL for payments of channels that may have several.
    live_order_ref        text,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, intent_id),
    CONSTRAINT intents_captured_within_amount CHECK (amount_captured_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT intents_succeeded_took_money CHECK (status <> 'succeeded' OR amount_captured_minor > 0),
    CONSTRAINT intents_canceled_took_none CHECK (status <> 'canceled' OR amount_captured_minor = 0),
    CONSTRAINT intents_canceled_is_dated CHECK ((status = 'canceled') = (canceled_at IS NOT NULL)),
    CONSTRAINT intents_one_instrument CHECK (method_id IS NULL OR test_token IS NULL),
    CONSTRAINT intents_live_order_is_its_own CHECK (live_order_ref IS NULL OR live_order_ref = order_ref)
) WITH (fillfactor = 75);
CREATE INDEX intents_by_customer ON intents (tenant_id, customer_id, intent_id) WHERE customer_id IS NOT NULL;
CREATE INDEX intents_by_order ON intents (tenant_id, order_ref, intent_id) WHERE order_ref IS NOT NULL;
-- The last guard that an order is not paid twice: the claim of the unit of work refuses a second payment before.
CREATE UNIQUE INDEX intents_one_live_payment_of_order ON intents (tenant_id, channel, live_order_ref)
    WHERE live_order_ref IS NOT NULL;

-- Tries at connectors. An approved one is an authorization and, once captured, a charge, under the same UUID.
CREATE TABLE attempts (
    tenant_id           text        NOT NULL,
    attempt_id          uuid        NOT NULL,
    intent_id           uuid        NOT NULL,
    -- 1 for the first of the intent.
    number              integer     NOT NULL CHECK (number > 0),
    connector           text        NOT NULL,
    method_id           uuid,
    test_token          text,
    method_type         text        NOT NULL,
    method_brand        text,
    method_last4        text,
    amount_minor        bigint      NOT NULL CHECK (amount_minor > 0),
    capture             boolean     NOT NULL,
    status              text        NOT NULL
        CHECK (status IN ('started', 'approved', 'declined', 'challenge', 'error', 'unknown', 'conflict')),
    started_at          timestamptz NOT NULL,
    answered_at         timestamptz,
    decline_code        text,
    network_code        text,
    decline_message     text,
    problem             text,
    challenge_url       text,
    challenge_reference text,
    gateway_reference   text,
    response_code       text,
    acquirer            text,
    avs_result          text,
    cvv_result          text,
    void                text        CHECK (void IN ('started', 'done')),
    checks              integer     NOT NULL CHECK (checks >= 0),
    next_check_at       timestamptz,
    PRIMARY KEY (tenant_id, attempt_id),
    CONSTRAINT attempts_one_instrument CHECK ((method_id IS NULL) <> (test_token IS NULL)),
    CONSTRAINT attempts_approved_is_named CHECK ((status = 'approved') = (gateway_reference IS NOT NULL)),
    CONSTRAINT attempts_declined_says_why CHECK ((decline_code IS NULL) = (decline_message IS NULL)),
    CONSTRAINT attempts_challenge_is_whole CHECK ((challenge_url IS NULL) = (challenge_reference IS NULL)),
    CONSTRAINT attempts_only_approved_is_voided CHECK (void IS NULL OR status = 'approved'),
    -- A call whose outcome is open is looked up: none is ever forgotten, and none that has ended is.
    CONSTRAINT attempts_open_is_checked
        CHECK ((status IN ('started', 'unknown') OR COALESCE(void = 'started', false)) = (next_check_at IS NOT NULL))
) WITH (fillfactor = 75);
-- An intent's attempts: the way to them, no number twice, and the last guard that at most one is approved (it takes
-- the number 0, which no other has).
CREATE UNIQUE INDEX attempts_one_approved_of_intent
    ON attempts (tenant_id, intent_id, (CASE WHEN status = 'approved' THEN 0 ELSE number END)) WHERE number > 0;
-- What recovery asks for next, over all tenants.
CREATE INDEX attempts_due ON attempts (next_check_at) WHERE next_check_at IS NOT NULL;

-- What was taken of authorizations, or is being taken.
CREATE TABLE captures (
    tenant_id         text        NOT NULL,
    capture_id        uuid        NOT NULL,
    intent_id         uuid        NOT NULL,
    -- 1 for the first of the intent.
    number            integer     NOT NULL CHECK (number > 0),
    attempt_id        uuid        NOT NULL,
    amount_minor      bigint      NOT NULL CHECK (amount_minor > 0),
    is_final          boolean     NOT NULL,
    status            text        NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    gateway_reference text,
    problem           text,
    created_at        timestamptz NOT NULL,
    answered_at       timestamptz,
    checks            integer     NOT NULL CHECK (checks >= 0),
    next_check_at     timestamptz,
    PRIMARY KEY (tenant_id, capture_id),
    CONSTRAINT captures_succeeded_is_named CHECK (status <> 'succeeded' OR gateway_reference IS NOT NULL),
    CONSTRAINT captures_ended_is_dated CHECK ((status = 'pending') = (answered_at IS NULL)),
    -- One that is pending without a next check was answered with another amount: a person settles it.
    CONSTRAINT captures_only_pending_is_checked CHECK (next_check_at IS NULL OR status = 'pending')
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX captures_of_intent ON captures (tenant_id, intent_id, number) WHERE number > 0;
CREATE INDEX captures_due ON captures (next_check_at) WHERE next_check_at IS NOT NULL;

-- The built-in orders directory: orders, bookings and reservations as clients put them.
CREATE TABLE orders (
    tenant_id              text        NOT NULL,
    order_ref              text        NOT NULL,
    version                bigint      NOT NULL CHECK (version > 0),
    kind                   text        NOT NULL,
    customer_id            text        NOT NULL,
    amount_minor           bigint      NOT NULL CHECK (amount_minor >= 0),
    currency               text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status                 text        NOT NULL CHECK (status IN ('pending', 'confirmed', 'canceled')),
    starts_at              timestamptz,
    reservation_id         text,
    reservation_holder     text,
    reservation_expires_at timestamptz,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_ref),
    CONSTRAINT orders_reservation_is_whole CHECK (
        (reservation_id IS NULL) = (reservation_holder IS NULL)
        AND (reservation_id IS NULL) = (reservation_expires_at IS NULL))
) WITH (fillfactor = 80);

GRANT SELECT, INSERT, UPDATE ON intents, attempts, captures, orders TO ${role};
