-- Files that tenants put into object storage by a signed URL, and use once afterwards. Their contents are not here.
CREATE TABLE uploads (
    tenant_id    text        NOT NULL,
    upload_id    uuid        NOT NULL,
    version      row_version NOT NULL,
    purpose      text        NOT NULL CHECK (purpose IN ('dispute_evidence')),
    -- What was declared, and is found true before the upload is used. The name is forgotten when the content is removed.
    file_name    text        NOT NULL CHECK (length(file_name) <= 255),
    content_type text        NOT NULL,
    size_bytes   bigint      NOT NULL CHECK (size_bytes > 0),
    sha256       text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- 'removing' is written before the content is deleted, 'removed' after it.
    status       text        NOT NULL CHECK (status IN ('waiting', 'used', 'removing', 'removed')),
    dispute_id   uuid,
    declared_by  text        NOT NULL,
    expires_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, upload_id),
    CONSTRAINT uploads_used_by_a_dispute CHECK (status <> 'used' OR dispute_id IS NOT NULL),
    CONSTRAINT uploads_waiting_for_none CHECK (status <> 'waiting' OR dispute_id IS NULL),
    CONSTRAINT uploads_name_forgotten CHECK ((status IN ('removing', 'removed')) = (file_name = ''))
) WITH (fillfactor = 80);
CREATE INDEX uploads_to_remove ON uploads (updated_at) WHERE status IN ('waiting', 'removing');

-- An upload is used once: what has it keeps it, and what is to be removed is not used again.
CREATE FUNCTION refuse_other_upload() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'upload % of %: it is used once, as it was declared', NEW.upload_id, NEW.tenant_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'uploads_used_once', TABLE = 'uploads';
END $$;
CREATE TRIGGER uploads_used_once BEFORE UPDATE ON uploads FOR EACH ROW
    WHEN ((NEW.purpose, NEW.content_type, NEW.size_bytes, NEW.sha256)
          IS DISTINCT FROM (OLD.purpose, OLD.content_type, OLD.size_bytes, OLD.sha256)
          OR (OLD.status <> 'waiting' AND NEW.dispute_id IS DISTINCT FROM OLD.dispute_id)
          OR (OLD.status <> 'waiting' AND NEW.status IN ('waiting', 'used') AND NEW.status <> OLD.status))
    EXECUTE FUNCTION refuse_other_upload();

-- For how many days after a dispute's end its evidence is kept: what each tenant's settings said last. A tenant that is not
-- here is waited for.
CREATE TABLE dispute_retention (
    tenant_id   text        NOT NULL,
    scope       text        NOT NULL CHECK (scope = 'tenant'),
    version     bigint      NOT NULL CHECK (version > 0),
    days        integer     NOT NULL CHECK (days > 0),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope)
);

-- The files of evidence, and when the contents of evidence were removed.
ALTER TABLE dispute_replies
    ADD COLUMN files               jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(files) = 'array'),
    ADD COLUMN evidence_removed_at timestamptz,
    ADD CONSTRAINT dispute_replies_acceptance_has_no_files CHECK (kind = 'evidence' OR files = '[]'),
    ADD CONSTRAINT dispute_replies_removed_when_told CHECK (evidence_removed_at IS NULL OR status <> 'telling');
CREATE INDEX dispute_replies_with_contents ON dispute_replies (updated_at)
    WHERE kind = 'evidence' AND evidence_removed_at IS NULL AND status <> 'telling';

-- The service itself writes into a history what it does by a rule.
ALTER TABLE dispute_history
    DROP CONSTRAINT dispute_history_by_kind_check,
    ADD CONSTRAINT dispute_history_by_kind_check CHECK (by_kind IN ('processor', 'person', 'service'));

GRANT SELECT, INSERT, UPDATE ON uploads, dispute_retention TO ${role};
