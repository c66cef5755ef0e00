-- Disputes: parts of their charge's aggregate, whose version is checked whenever one is written. What they take of the
-- charge is kept on its row as `disputed_minor`.
CREATE TABLE disputes (
    tenant_id           text          NOT NULL,
    dispute_id          uuid          NOT NULL,
    version             row_version   NOT NULL,
    charge_id           uuid          NOT NULL,
    intent_id           uuid          NOT NULL,
    customer_id         text,
    merchant_account_id text          NOT NULL,
    livemode            boolean       NOT NULL,
    -- What was told: it never changes. Amounts in minor units of the dispute's own currency.
    processor           text          NOT NULL CHECK (processor <> ''),
    processor_reference text          CHECK (processor_reference <> ''),
    amount_minor        amount_of_money NOT NULL,
    fee_minor           sum_of_money  NOT NULL,
    currency            currency_code NOT NULL,
    network             text          CHECK (network IN ('visa', 'mastercard', 'amex', 'other')),
    network_reason_code text,
    reason              text          NOT NULL,
    received_at         timestamptz   NOT NULL,
    respond_by          timestamptz,
    -- What becomes of it.
    evidence_due_by     timestamptz,
    status              text          NOT NULL
        CHECK (status IN ('needs_response', 'under_review', 'won', 'lost', 'accepted')),
    resolution_number   integer       CHECK (resolution_number > 0),
    decided_at          timestamptz,
    decided_by          text,
    decided_by_kind     text          CHECK (decided_by_kind IN ('processor', 'person')),
    decided_reason      text,
    history_number      integer       NOT NULL CHECK (history_number > 0),
    history_hash        bytea         NOT NULL CHECK (length(history_hash) = 32),
    created_at          timestamptz   NOT NULL,
    updated_at          timestamptz   NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id),
    FOREIGN KEY (tenant_id, charge_id) REFERENCES refundable_charges,
    CONSTRAINT disputes_decided CHECK (
        (status IN ('won', 'lost', 'accepted')) = (resolution_number IS NOT NULL)
        AND (resolution_number IS NULL) = (decided_at IS NULL)
        AND (resolution_number IS NULL) = (decided_by IS NULL)
        AND (resolution_number IS NULL) = (decided_by_kind IS NULL))
) WITH (fillfactor = 80);
-- A processor's dispute is one dispute here, however often it is told. Partial, as indexes that begin with tenant_id are.
CREATE UNIQUE INDEX disputes_processor_reference_key ON disputes (tenant_id, processor, processor_reference)
    WHERE processor_reference IS NOT NULL;
-- Lists, newest first: dispute ids are in the order of time.
CREATE INDEX disputes_by_charge ON disputes (charge_id, tenant_id, dispute_id);
CREATE INDEX disputes_by_intent ON disputes (intent_id, tenant_id, dispute_id);
CREATE INDEX disputes_by_customer ON disputes (customer_id, tenant_id, dispute_id) WHERE customer_id IS NOT NULL;
CREATE INDEX disputes_by_merchant_account ON disputes (merchant_account_id, tenant_id, dispute_id);
CREATE INDEX disputes_by_status ON disputes (status, tenant_id, dispute_id);

-- The ledger has posted what was told: it stays, whoever writes the row.
CREATE FUNCTION refuse_other_dispute() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'dispute % of %: what was told of it cannot be changed', NEW.dispute_id, NEW.tenant_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'disputes_told_stays', TABLE = 'disputes';
END $$;
CREATE TRIGGER disputes_told_stays BEFORE UPDATE ON disputes FOR EACH ROW
    WHEN ((NEW.charge_id, NEW.processor, NEW.processor_reference, NEW.amount_minor, NEW.fee_minor, NEW.currency)
          IS DISTINCT FROM
          (OLD.charge_id, OLD.processor, OLD.processor_reference, OLD.amount_minor, OLD.fee_minor, OLD.currency))
    EXECUTE FUNCTION refuse_other_dispute();

-- What happened to each dispute. Append-only: the role may neither change nor delete; and each entry has the hash of
-- the one before, up to the dispute's own `history_hash`, so that whoever may do so anyway is found out.
CREATE TABLE dispute_history (
    tenant_id     text        NOT NULL,
    dispute_id    uuid        NOT NULL,
    entry_number  integer     NOT NULL CHECK (entry_number > 0),
    at            timestamptz NOT NULL,
    by_kind       text        NOT NULL CHECK (by_kind IN ('processor', 'person')),
    by_name       text        NOT NULL,
    kind          text        NOT NULL,
    detail        text        NOT NULL,
    previous_hash bytea       NOT NULL CHECK (length(previous_hash) = 32),
    hash          bytea       NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, dispute_id, entry_number),
    FOREIGN KEY (tenant_id, dispute_id) REFERENCES disputes
);

-- Chargebacks whose charge was not known when they came.
CREATE TABLE chargeback_intakes (
    tenant_id           text          NOT NULL,
    intake_id           uuid          NOT NULL,
    version             row_version   NOT NULL,
    gateway_reference   text          NOT NULL,
    processor           text          NOT NULL,
    processor_reference text          NOT NULL CHECK (processor_reference <> ''),
    amount_minor        amount_of_money NOT NULL,
    fee_minor           sum_of_money  NOT NULL,
    currency            currency_code NOT NULL,
    network             text          CHECK (network IN ('visa', 'mastercard', 'amex', 'other')),
    network_reason_code text,
    reason              text          NOT NULL,
    received_at         timestamptz   NOT NULL,
    respond_by          timestamptz,
    standing            text          NOT NULL
        CHECK (standing IN ('needs_response', 'under_review', 'won', 'lost', 'accepted')),
    -- The dispute that it became. No foreign key: of one change the two are written in any order.
    dispute_id          uuid,
    tries               integer       NOT NULL CHECK (tries >= 0),
    next_try_at         timestamptz,
    note                text,
    created_at          timestamptz   NOT NULL,
    updated_at          timestamptz   NOT NULL,
    PRIMARY KEY (tenant_id, intake_id),
    CONSTRAINT chargeback_intakes_matched_once CHECK (dispute_id IS NULL OR next_try_at IS NULL)
);
CREATE UNIQUE INDEX chargeback_intakes_reference_key ON chargeback_intakes (tenant_id, processor, processor_reference)
    WHERE processor_reference <> '';
CREATE INDEX chargeback_intakes_due ON chargeback_intakes (next_try_at) WHERE next_try_at IS NOT NULL;

-- By what a chargeback names its charge.
CREATE INDEX refundable_charges_by_gateway_reference ON refundable_charges (gateway_reference, tenant_id);

GRANT SELECT, INSERT, UPDATE ON disputes, chargeback_intakes TO ${role};
GRANT SELECT, INSERT ON dispute_history TO ${role};
