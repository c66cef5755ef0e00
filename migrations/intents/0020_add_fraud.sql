-- Fraud: the rules of tenants, the decisions they came to, and people's overrides.
--
-- How often somebody paid is counted in `counters` (kind `fraud_velocity`), in the attempt's own commit.

-- What clients told of an intent's risk, and the newest decision in short. NULL while there is neither.
ALTER TABLE intents ADD COLUMN risk jsonb CHECK (jsonb_typeof(risk) = 'object');

-- The rules of a tenant, as one versioned thing; a tenant without a row has none. `tenant_id` is all of its key.
CREATE TABLE fraud_rule_sets (
    tenant_id    text        NOT NULL,
    version      bigint      NOT NULL CHECK (version > 0),
    challenge_at integer     NOT NULL CHECK (challenge_at BETWEEN 1 AND 100),
    deny_at      integer     NOT NULL CHECK (deny_at BETWEEN 1 AND 100),
    rules        jsonb       NOT NULL CHECK (jsonb_typeof(rules) = 'array' AND jsonb_array_length(rules) <= 100),
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id),
    CONSTRAINT fraud_rule_sets_thresholds_rise CHECK (challenge_at <= deny_at)
);

-- Decisions: inserted, never changed, never deleted.
CREATE TABLE fraud_decisions (
    tenant_id     text        NOT NULL,
    -- A UUIDv7, so that its order is time's.
    decision_id   uuid        NOT NULL,
    intent_id     uuid        NOT NULL,
    occasion      text        NOT NULL CHECK (occasion IN ('score', 'confirm')),
    score         integer     NOT NULL CHECK (score BETWEEN 0 AND 100),
    action        text        NOT NULL CHECK (action IN ('allow', 'challenge', 'deny')),
    reasons       jsonb       NOT NULL CHECK (jsonb_typeof(reasons) = 'array'),
    -- The version of the tenant's rules; 0 when there were none.
    rules_version bigint      NOT NULL CHECK (rules_version >= 0),
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, decision_id)
);

-- A person's word against the rules, for a time. Never changed: a newer one about the same takes its place.
CREATE TABLE fraud_overrides (
    tenant_id   text        NOT NULL,
    override_id uuid        NOT NULL,
    target_kind text        NOT NULL CHECK (target_kind IN ('intent', 'card', 'customer')),
    target_key  text        NOT NULL CHECK (length(target_key) BETWEEN 1 AND 255),
    action      text        NOT NULL CHECK (action IN ('allow', 'deny', 'lift')),
    reason      text        NOT NULL CHECK (length(reason) > 0),
    made_by     text        NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, override_id)
);

GRANT SELECT, INSERT, UPDATE ON fraud_rule_sets TO ${role};
GRANT SELECT, INSERT ON fraud_decisions, fraud_overrides TO ${role};
-- Counters of windows that are over are forgotten.
GRANT DELETE ON counters TO ${role};
