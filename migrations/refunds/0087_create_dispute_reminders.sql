-- That people were reminded of a dispute that must be answered soon: once for each day and distance. Append-only: the role
-- may neither change nor delete.
CREATE TABLE dispute_reminders (
    tenant_id    text        NOT NULL,
    dispute_id   uuid        NOT NULL,
    due_at       timestamptz NOT NULL,
    hours_before integer     NOT NULL CHECK (hours_before > 0),
    at           timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id, due_at, hours_before)
);
GRANT SELECT, INSERT ON dispute_reminders TO ${role};

-- What is open and due.
CREATE INDEX disputes_due ON disputes (evidence_due_by) WHERE status IN ('needs_response', 'under_review');
CREATE INDEX dispute_cases_due ON dispute_cases (due_at) WHERE source = 'GUEST' AND status <> 'RESOLVED';
