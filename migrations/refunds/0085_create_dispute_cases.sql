-- Cases: disputes as the merchant's people work on them. A guest's is only here; a chargeback has its row in `disputes`
-- too, under the same id, and how it ends is there.
CREATE TABLE dispute_cases (
    tenant_id       text            NOT NULL,
    dispute_id      uuid            NOT NULL,
    version         row_version     NOT NULL,
    source          text            NOT NULL CHECK (source IN ('GUEST', 'CHARGEBACK')),
    charge_id       uuid            NOT NULL,
    intent_id       uuid            NOT NULL,
    customer_id     text,
    livemode        boolean         NOT NULL,
    reason          text            NOT NULL CHECK (reason IN ('SERVICE_NOT_PROVIDED', 'QUALITY', 'WEATHER', 'MEDICAL',
                                                               'BILLING_ERROR', 'FRAUD', 'OTHER')),
    requested_minor amount_of_money NOT NULL,
    currency        currency_code   NOT NULL,
    description     text            NOT NULL,
    tier            integer         NOT NULL CHECK (tier BETWEEN 1 AND 3),
    status          text            NOT NULL CHECK (status IN ('OPEN', 'UNDER_REVIEW', 'ESCALATED', 'RESOLVED')),
    assigned_to     text,
    -- What the refund policy said. No foreign key: of one change the two are written in any order.
    evaluation_id   uuid,
    decision        text            CHECK (decision IN ('FULL_REFUND', 'PARTIAL_REFUND', 'DENIED')),
    decided_minor   sum_of_money,
    refund_id       uuid,
    decided_reason  text,
    decided_by      text,
    decided_at      timestamptz,
    due_at          timestamptz     NOT NULL,
    created_at      timestamptz     NOT NULL,
    updated_at      timestamptz     NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id),
    CONSTRAINT dispute_cases_decided CHECK (
        (status = 'RESOLVED') = (decision IS NOT NULL)
        AND (decision IS NULL) = (decided_minor IS NULL)
        AND (decision IS NULL) = (decided_reason IS NULL)
        AND (decision IS NULL) = (decided_by IS NULL)
        AND (decision IS NULL) = (decided_at IS NULL)
        AND (source = 'GUEST' OR decision IS NULL)),
    CONSTRAINT dispute_cases_refund CHECK (
        (refund_id IS NOT NULL) = (decision IS NOT NULL AND decision <> 'DENIED')
        AND decided_minor <= requested_minor
        AND (decision <> 'DENIED' OR decided_minor = 0)
        AND (decision = 'DENIED' OR decided_minor > 0))
) WITH (fillfactor = 80);
-- Lists, newest first: dispute ids are in the order of time.
CREATE INDEX dispute_cases_by_intent ON dispute_cases (intent_id, tenant_id, dispute_id);
CREATE INDEX dispute_cases_by_customer ON dispute_cases (customer_id, tenant_id, dispute_id)
    WHERE customer_id IS NOT NULL;
CREATE INDEX dispute_cases_by_assigned_to ON dispute_cases (assigned_to, tenant_id, dispute_id)
    WHERE assigned_to IS NOT NULL;
CREATE INDEX dispute_cases_by_status ON dispute_cases (status, tenant_id, dispute_id);
CREATE INDEX dispute_cases_by_tier ON dispute_cases (tier, tenant_id, dispute_id);

-- What was decided began a refund: it stays, whoever writes the row.
CREATE FUNCTION refuse_other_decision() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'dispute % of % is resolved: it cannot be changed', NEW.dispute_id, NEW.tenant_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_cases_decision_stays', TABLE = 'dispute_cases';
END $$;
CREATE TRIGGER dispute_cases_decision_stays BEFORE UPDATE ON dispute_cases FOR EACH ROW
    WHEN (OLD.status = 'RESOLVED') EXECUTE FUNCTION refuse_other_decision();

-- What people wrote down. Append-only: the role may neither change nor delete.
CREATE TABLE dispute_notes (
    tenant_id   text        NOT NULL,
    dispute_id  uuid        NOT NULL,
    note_number integer     NOT NULL CHECK (note_number > 0),
    at          timestamptz NOT NULL,
    by_name     text        NOT NULL,
    note        text        NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id, note_number),
    FOREIGN KEY (tenant_id, dispute_id) REFERENCES dispute_cases
);

-- How much each role may decide on: one versioned thing for each tenant; without a row the standard limits count.
CREATE TABLE dispute_tiers (
    tenant_id     text          NOT NULL,
    version       row_version   NOT NULL,
    base_currency currency_code NOT NULL,
    -- By currency: {"EUR": {"first_minor": 50000, "second_minor": 500000}}
    limits        jsonb         NOT NULL CHECK (jsonb_typeof(limits) = 'object'),
    created_at    timestamptz   NOT NULL,
    updated_at    timestamptz   NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Chargebacks that are there already, with the standard limits.
INSERT INTO dispute_cases
SELECT tenant_id, dispute_id, 1, 'CHARGEBACK', charge_id, intent_id, customer_id, livemode,
       CASE WHEN reason IN ('fraud', 'unrecognized') THEN 'FRAUD'
            WHEN reason = 'product_not_received' THEN 'SERVICE_NOT_PROVIDED'
            WHEN reason = 'product_unacceptable' THEN 'QUALITY'
            WHEN reason IN ('canceled', 'other') THEN 'OTHER'
            ELSE 'BILLING_ERROR' END,
       amount_minor, currency, coalesce(network_reason_code, ''),
       CASE WHEN amount_minor::numeric / 10::numeric ^ currency_places(currency) <= 500 THEN 1
            WHEN amount_minor::numeric / 10::numeric ^ currency_places(currency) <= 5000 THEN 2
            ELSE 3 END,
       'OPEN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       coalesce(evidence_due_by, created_at + interval '14 days'), created_at, created_at
FROM disputes;

-- Where a case stands: a chargeback where its processor says.
CREATE FUNCTION dispute_case_status(own text, chargeback text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN chargeback IN ('won', 'lost', 'accepted') THEN 'RESOLVED'
                WHEN chargeback = 'under_review' AND own = 'OPEN' THEN 'UNDER_REVIEW'
                ELSE own END
$$;

-- The adventures document's table `disputes`, with the tenant beside its columns. Under another name, for `disputes` is
-- the platform's own. Amounts have three places, as many as any currency has that payments are made in.
CREATE VIEW adventures_disputes AS
SELECT
    c.tenant_id,
    c.dispute_id,
    c.intent_id                                                                             AS payment_id,
    -- Guests of the adventures API have UUIDs; other customers none.
    (CASE WHEN c.customer_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN c.customer_id END)::uuid AS guest_id,
    c.source,
    c.reason,
    (c.requested_minor::numeric / 10::numeric ^ currency_places(c.currency))::numeric(20, 3) AS requested_amount,
    c.currency::char(3)                                                                     AS currency,
    c.tier::smallint                                                                        AS tier,
    dispute_case_status(c.status, d.status)::varchar(20)                                    AS status,
    c.assigned_to,
    (CASE WHEN d.status = 'won' THEN 'DENIED'
          WHEN d.status IN ('lost', 'accepted') THEN 'FULL_REFUND'
          ELSE c.decision END)::varchar(20)                                                 AS resolution,
    ((CASE WHEN d.status = 'won' THEN 0
           WHEN d.status IN ('lost', 'accepted') THEN d.amount_minor::bigint
           ELSE c.decided_minor::bigint END)::numeric
        / 10::numeric ^ currency_places(c.currency))::numeric(20, 3)                        AS resolved_amount,
    c.refund_id,
    d.processor_reference,
    coalesce(d.evidence_due_by, c.due_at)                                                   AS due_at,
    c.created_at,
    greatest(c.updated_at, d.updated_at)                                                    AS updated_at
FROM dispute_cases c LEFT JOIN disputes d USING (tenant_id, dispute_id);

GRANT SELECT, INSERT, UPDATE ON dispute_cases, dispute_tiers TO ${role};
GRANT SELECT, INSERT ON dispute_notes TO ${role};
GRANT SELECT ON adventures_disputes TO ${role};
