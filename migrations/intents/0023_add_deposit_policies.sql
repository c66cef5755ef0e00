-- Deposit policies, by hotel as the tenant calls it: one versioned thing for all of its rate plans.
CREATE TABLE deposit_policies (
    tenant_id  text        NOT NULL,
    hotel_id   text        NOT NULL CHECK (length(hotel_id) BETWEEN 1 AND 255),
    version    bigint      NOT NULL CHECK (version > 0),
    policies   jsonb       NOT NULL CHECK (jsonb_typeof(policies) = 'array' AND jsonb_array_length(policies) <= 100),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hotel_id)
);

GRANT SELECT, INSERT, UPDATE ON deposit_policies TO ${role};
