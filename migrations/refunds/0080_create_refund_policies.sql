-- Refund policies: one versioned thing for each tenant; without a row the standard policy counts.
CREATE TABLE refund_policies (
    tenant_id  text        NOT NULL,
    version    row_version NOT NULL,
    policies   jsonb       NOT NULL CHECK (jsonb_typeof(policies) = 'array' AND jsonb_array_length(policies) <= 100),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
GRANT SELECT, INSERT, UPDATE ON refund_policies TO ${role};

-- What was answered when somebody asked what a policy gives. Append-only: the role may neither change nor delete.
CREATE TABLE policy_evaluations (
    tenant_id      text          NOT NULL,
    evaluation_id  uuid          NOT NULL,
    intent_id      uuid          NOT NULL,
    charge_id      uuid          NOT NULL,
    -- The dispute that it was made for. No foreign key: of one change the two are written in any order.
    dispute_id     uuid,
    policy_id      text          NOT NULL,
    policy_version bigint        NOT NULL CHECK (policy_version >= 0),
    rule           text          NOT NULL CHECK (rule <> ''),
    percentage_bps integer       NOT NULL CHECK (percentage_bps BETWEEN 0 AND 10000),
    -- Both in minor units of the currency.
    fee_minor      sum_of_money  NOT NULL,
    eligible_minor sum_of_money  NOT NULL,
    currency       currency_code NOT NULL,
    explanation    jsonb         NOT NULL CHECK (jsonb_typeof(explanation) = 'array'),
    evaluated_at   timestamptz   NOT NULL,
    PRIMARY KEY (tenant_id, evaluation_id)
);
GRANT SELECT, INSERT ON policy_evaluations TO ${role};

-- The adventures document's table, with the tenant beside its columns.
CREATE VIEW refund_policy_evaluations AS
SELECT
    tenant_id,
    evaluation_id,
    intent_id                                                                           AS payment_id,
    dispute_id,
    policy_id,
    policy_version::integer                                                             AS policy_version,
    rule,
    eligible_minor > 0                                                                  AS eligible,
    (eligible_minor::numeric / 10::numeric ^ currency_places(currency))::numeric(20, 3) AS eligible_amount,
    (fee_minor::numeric / 10::numeric ^ currency_places(currency))::numeric(20, 3)      AS fee,
    explanation,
    evaluated_at
FROM policy_evaluations;
GRANT SELECT ON refund_policy_evaluations TO ${role};
