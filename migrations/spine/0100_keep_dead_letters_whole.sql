-- All of a message that was put aside, so that it can be handed over again however long its row in the outbox is gone.
ALTER TABLE dead_letters
    ADD COLUMN subject     text,
    ADD COLUMN source      text,
    ADD COLUMN "time"      timestamptz,
    ADD COLUMN version     bigint,
    ADD COLUMN traceparent text;

-- Of those put aside before, what the outbox still holds.
UPDATE dead_letters d
SET subject = o.subject, source = o.source, "time" = o."time", version = o.version, traceparent = o.traceparent
FROM outbox o
WHERE o.tenant_id = d.tenant_id AND o.id = d.message_id;

-- What is put aside from now on is whole.
ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_whole
    CHECK (num_nulls(subject, source, "time", version) = 0) NOT VALID;
