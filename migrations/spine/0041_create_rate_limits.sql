-- Who has come how often lately, for limits of requests. In the schema of every service that has such a limit; counted
-- here and not in a process, for a limit that every process keeps by itself is none.
CREATE TABLE rate_limits (
    tenant_id   text          NOT NULL,
    -- Which limit (`requests`).
    name        text          NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    -- Whose requests are counted.
    subject     text          NOT NULL CHECK (length(subject) BETWEEN 1 AND 1024),
    -- When the requests of the last window came: never more than the limit lets in, so the row is bounded.
    hits        timestamptz[] NOT NULL,
    -- From when on nothing in the row counts any more. Rounded up to minutes, so that most requests change no index.
    sweep_after timestamptz   NOT NULL,
    PRIMARY KEY (tenant_id, name, subject)
) WITH (fillfactor = 50);
-- What may be taken away, over all tenants.
CREATE INDEX rate_limits_over ON rate_limits (sweep_after) WHERE sweep_after IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO ${role};
