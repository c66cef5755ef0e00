-- Charges as far as refunds need them: a projection of what intents tells, with what was given back. The row of a
-- charge is the root of its aggregate: its version is checked whenever a capture or refund of it is written.
CREATE TABLE refundable_charges (
    tenant_id           text        NOT NULL,
    charge_id           uuid        NOT NULL,
    version             bigint      NOT NULL CHECK (version > 0),
    intent_id           uuid        NOT NULL,
    merchant_account_id text        NOT NULL,
    connector           text        NOT NULL,
    gateway_reference   text        NOT NULL,
    customer_id         text,
    order_id            text,
    livemode            boolean     NOT NULL,
    currency            text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- All amounts in minor units of the currency.
    authorized_minor    bigint      NOT NULL CHECK (authorized_minor >= 0),
    captured_minor      bigint      NOT NULL CHECK (captured_minor > 0),
    -- What disputes took back: a fact from outside, storable whatever was refunded before.
    disputed_minor      bigint      NOT NULL CHECK (disputed_minor >= 0),
    -- The sum of the refunds that are not failed or canceled.
    refunded_minor      bigint      NOT NULL CHECK (refunded_minor >= 0),
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, charge_id),
    CONSTRAINT refundable_charges_within_captured CHECK (refunded_minor <= captured_minor)
) WITH (fillfactor = 80);
-- Indexes that are not unique do not begin with tenant_id: the batched commit finds rows by (tenant_id, id), and on an
-- empty table the planner would take such an index for as good as the primary key, and keep to it.
CREATE INDEX refundable_charges_by_intent ON refundable_charges (intent_id, tenant_id);

-- Beyond what disputes left, refunds may be, for a dispute may come after them; but they may not grow.
CREATE FUNCTION refuse_refund_beyond_what_is_left() RETURNS trigger
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'charge % of %: refunds of % exceed captures of % less disputes of %',
        NEW.charge_id, NEW.tenant_id, NEW.refunded_minor, NEW.captured_minor, NEW.disputed_minor
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refundable_charges_within_left',
              TABLE = 'refundable_charges';
END $$;
CREATE TRIGGER refundable_charges_growth BEFORE UPDATE ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > OLD.refunded_minor AND NEW.refunded_minor > NEW.captured_minor - NEW.disputed_minor)
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
CREATE TRIGGER refundable_charges_beginning BEFORE INSERT ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > 0 AND NEW.refunded_minor > NEW.captured_minor - NEW.disputed_minor)
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();

-- The captures that were seen of a charge, each once by its own id.
CREATE TABLE charge_captures (
    tenant_id    text        NOT NULL,
    capture_id   uuid        NOT NULL,
    charge_id    uuid        NOT NULL,
    amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
    seen_at      timestamptz NOT NULL,
    -- No foreign key to the charge: both rows are written in one change, nothing is ever deleted, and every payment
    -- would pay for the look-up.
    PRIMARY KEY (tenant_id, capture_id)
);
CREATE INDEX charge_captures_by_charge ON charge_captures (charge_id, tenant_id);

-- The refunds of a charge.
CREATE TABLE refunds (
    tenant_id                  text        NOT NULL,
    refund_id                  uuid        NOT NULL,
    version                    bigint      NOT NULL CHECK (version > 0),
    charge_id                  uuid        NOT NULL,
    intent_id                  uuid        NOT NULL,
    customer_id                text,
    livemode                   boolean     NOT NULL,
    amount_minor               bigint      NOT NULL CHECK (amount_minor > 0),
    currency                   text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason                     text        NOT NULL,
    refund_method              text        NOT NULL,
    metadata                   jsonb       NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    status                     text        NOT NULL
        CHECK (status IN ('pending', 'processing', 'requires_action', 'succeeded', 'failed', 'canceled')),
    -- The call to the gateway, while its outcome is open: when it began, how often it was asked about in vain, when it
    -- was asked about last, and when it is next. Without a next time a person has to look.
    attempt_started_at         timestamptz,
    checks                     integer     CHECK (checks >= 0),
    last_check_at              timestamptz,
    next_check_at              timestamptz,
    action_url                 text,
    -- What the gateway says it did instead of what it was asked.
    conflict_amount_minor      bigint,
    conflict_currency          text,
    conflict_gateway_reference text,
    gateway_reference          text,
    failure_reason             text,
    failure_message            text,
    network_code               text,
    actions                    jsonb,
    -- When it was known to have succeeded, failed or been canceled.
    ended_at                   timestamptz,
    created_at                 timestamptz NOT NULL,
    updated_at                 timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, refund_id),
    FOREIGN KEY (tenant_id, charge_id) REFERENCES refundable_charges,
    CONSTRAINT refunds_open_has_attempt
        CHECK ((status IN ('processing', 'requires_action')) = (attempt_started_at IS NOT NULL)),
    CONSTRAINT refunds_attempt_has_checks CHECK ((attempt_started_at IS NULL) = (checks IS NULL)),
    CONSTRAINT refunds_only_open_is_checked CHECK (next_check_at IS NULL OR attempt_started_at IS NOT NULL),
    CONSTRAINT refunds_ended CHECK ((status IN ('succeeded', 'failed', 'canceled')) = (ended_at IS NOT NULL)),
    CONSTRAINT refunds_succeeded_is_known CHECK (status <> 'succeeded' OR gateway_reference IS NOT NULL),
    CONSTRAINT refunds_failed_says_why
        CHECK ((status = 'failed') = (failure_reason IS NOT NULL AND failure_message IS NOT NULL AND actions IS NOT NULL)),
    CONSTRAINT refunds_action_has_url CHECK ((status = 'requires_action') = (action_url IS NOT NULL))
) WITH (fillfactor = 80);
-- Lists, newest first: refund ids are in the order of time.
CREATE INDEX refunds_by_intent ON refunds (intent_id, tenant_id, refund_id);
CREATE INDEX refunds_by_charge ON refunds (charge_id, tenant_id, refund_id);
CREATE INDEX refunds_by_customer ON refunds (customer_id, tenant_id, refund_id) WHERE customer_id IS NOT NULL;
CREATE INDEX refunds_by_status ON refunds (status, tenant_id, refund_id);
-- What the recovery worker asks for next, over all tenants.
CREATE INDEX refunds_due ON refunds (next_check_at) WHERE next_check_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON refundable_charges, refunds TO ${role};
GRANT SELECT, INSERT ON charge_captures TO ${role};
