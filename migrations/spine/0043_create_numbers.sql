-- Whole numbers beside ids, for storefront documents that know things by number. In the schema of the service that owns
-- the things. Numbers are never given twice; some may be missing.
CREATE TABLE number_sequences (
    tenant_id text   NOT NULL,
    -- Of what (`payment`).
    kind      text   NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    -- The last number that was given.
    last      bigint NOT NULL CHECK (last > 0),
    PRIMARY KEY (tenant_id, kind)
) WITH (fillfactor = 20);

-- Which thing a number is, for ever. It is written before the thing is, so a number may name nothing.
CREATE TABLE numbers (
    tenant_id text   NOT NULL,
    kind      text   NOT NULL,
    number    bigint NOT NULL CHECK (number > 0),
    id        uuid   NOT NULL,
    PRIMARY KEY (tenant_id, kind, number),
    CONSTRAINT numbers_one_of_each UNIQUE (tenant_id, kind, id)
);

GRANT SELECT, INSERT, UPDATE ON number_sequences TO ${role};
GRANT SELECT, INSERT ON numbers TO ${role};
