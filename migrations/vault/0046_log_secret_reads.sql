-- Who read which secret, when and for what. Lines are only ever added: the service's role may not change or delete any.
CREATE TABLE secret_reads (
    tenant_id   text        NOT NULL,
    -- A UUIDv7, so that its order is time's. Made before the line is written: a line that may have been written already is
    -- written again without harm.
    read_id     uuid        NOT NULL,
    method_id   uuid        NOT NULL,
    reader_type text        NOT NULL CHECK (reader_type IN ('service', 'key')),
    reader      text        NOT NULL CHECK (length(reader) BETWEEN 1 AND 255),
    purpose     text        NOT NULL CHECK (purpose IN ('charge', 'key_rotation')),
    opened      boolean     NOT NULL,
    read_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, read_id)
);
GRANT SELECT, INSERT ON secret_reads TO ${role};
