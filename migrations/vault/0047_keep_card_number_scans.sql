-- What scans of this schema's own tables for card numbers came to, tenant by tenant (PCI DSS 4.0, 3.5.1). Lines are only
-- ever added.
CREATE TABLE card_number_scans (
    tenant_id   text        NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    rows        bigint      NOT NULL CHECK (rows >= 0),
    -- In how many places something looks like a card number, and the first of them; never what stands there.
    found       bigint      NOT NULL CHECK (found >= 0),
    findings    jsonb       NOT NULL CHECK (jsonb_typeof(findings) = 'array'),
    PRIMARY KEY (tenant_id, started_at),
    CHECK (finished_at >= started_at)
);
-- When the last one ended, whoever's.
CREATE INDEX card_number_scans_ended ON card_number_scans (finished_at) WHERE finished_at IS NOT NULL;

GRANT SELECT, INSERT ON card_number_scans TO ${role};
