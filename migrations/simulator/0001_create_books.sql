-- The simulated gateway's books. Every call is here once, by tenant, kind and the caller's reference, written in one
-- statement with its money effect. The checks are the last line of defence: a defect in the engine still cannot
-- capture more than was authorized, or refund more than was captured.

CREATE TABLE operations (
    tenant_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund')),
    reference text NOT NULL CHECK (char_length(reference) BETWEEN 1 AND 255),
    -- Keyed digest of what was asked; none when the call never arrived but was looked up.
    request_digest bytea CHECK (octet_length(request_digest) = 32),
    outcome text NOT NULL CHECK (outcome IN ('approved', 'declined', 'challenged', 'refused')),
    gateway_reference text,
    amount_minor bigint CHECK (amount_minor > 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    captured boolean,
    challenge_fails boolean,
    decline_code text,
    network_code text,
    message text,
    -- Until then a lookup says that the call is pending.
    visible_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, reference),
    CHECK (outcome <> 'approved' OR (gateway_reference, amount_minor, currency, captured) IS NOT NULL),
    CHECK (outcome <> 'declined' OR (decline_code, message) IS NOT NULL),
    CHECK (outcome <> 'challenged'
           OR (kind = 'authorize' AND (amount_minor, currency, captured, challenge_fails) IS NOT NULL)),
    CHECK (outcome <> 'refused' OR message IS NOT NULL)
);

CREATE TABLE payments (
    tenant_id text NOT NULL,
    gateway_reference text NOT NULL,
    -- The caller's reference of the authorization.
    reference text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    authorized_minor bigint NOT NULL CHECK (authorized_minor > 0),
    captured_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    -- Whether what is not captured has been let go.
    released boolean NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, gateway_reference),
    UNIQUE (tenant_id, reference),
    CONSTRAINT captured_within_authorized CHECK (captured_minor BETWEEN 0 AND authorized_minor),
    CONSTRAINT refunded_within_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor)
) WITH (fillfactor = 80); -- captures and refunds update in place

CREATE VIEW totals AS
SELECT tenant_id,
       currency,
       count(*) AS payments,
       sum(authorized_minor) AS authorized_minor,
       sum(captured_minor) AS captured_minor,
       sum(refunded_minor) AS refunded_minor
FROM payments
GROUP BY tenant_id, currency;

-- Nothing is ever deleted, and of an operation only what follows a challenge may change.
GRANT SELECT, INSERT ON operations TO ${role};
GRANT UPDATE (outcome, gateway_reference, amount_minor, currency, captured, challenge_fails, decline_code,
              network_code, message, visible_at) ON operations TO ${role};
GRANT SELECT, INSERT ON payments TO ${role};
GRANT UPDATE (captured_minor, refunded_minor, released, version) ON payments TO ${role};
GRANT SELECT ON totals TO ${role};
