-- The last that a dispute's processor was to be told: as its reply has it.
ALTER TABLE disputes
    ADD COLUMN reply_number integer CHECK (reply_number > 0),
    ADD COLUMN reply_kind   text    CHECK (reply_kind IN ('evidence', 'acceptance')),
    ADD COLUMN reply_status text    CHECK (reply_status IN ('telling', 'told', 'refused', 'by_hand')),
    ADD CONSTRAINT disputes_reply_whole CHECK (
        (reply_number IS NULL) = (reply_kind IS NULL) AND (reply_number IS NULL) = (reply_status IS NULL));

-- What the merchant replies to disputes. Written in the change that replies, and sent to the processor afterwards until it has
-- answered.
CREATE TABLE dispute_replies (
    tenant_id    text        NOT NULL,
    dispute_id   uuid        NOT NULL,
    -- The entry of the dispute's history that it began with.
    reply_number integer     NOT NULL CHECK (reply_number > 0),
    version      row_version NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('evidence', 'acceptance')),
    -- Texts by their kind, in order; personal data.
    evidence     jsonb       NOT NULL CHECK (jsonb_typeof(evidence) = 'array'),
    status       text        NOT NULL CHECK (status IN ('telling', 'told', 'refused', 'by_hand')),
    replied_by   text        NOT NULL,
    tries        integer     NOT NULL CHECK (tries >= 0),
    next_try_at  timestamptz,
    detail       text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, dispute_id, reply_number),
    FOREIGN KEY (tenant_id, dispute_id) REFERENCES disputes,
    CONSTRAINT dispute_replies_sent_while_telling CHECK ((status = 'telling') = (next_try_at IS NOT NULL)),
    CONSTRAINT dispute_replies_acceptance_has_no_evidence CHECK (kind = 'evidence' OR evidence = '[]')
) WITH (fillfactor = 80);
-- A processor takes evidence once, and one acceptance: what was not refused stands alone.
CREATE UNIQUE INDEX dispute_replies_once_key ON dispute_replies (tenant_id, dispute_id, kind) WHERE status <> 'refused';
CREATE INDEX dispute_replies_due ON dispute_replies (next_try_at) WHERE next_try_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON dispute_replies TO ${role};
