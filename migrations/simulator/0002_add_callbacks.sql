-- The simulated gateway's outbox: what it tells by callback, written in the transaction of what it tells of, sent until
-- the receiver has it. One row a delivery; an event that is delivered twice on purpose has two.
CREATE TABLE callbacks (
    tenant_id    text        NOT NULL,
    callback_id  text        NOT NULL CHECK (char_length(callback_id) BETWEEN 1 AND 255),
    event_id     text        NOT NULL CHECK (char_length(event_id) BETWEEN 1 AND 255),
    -- The caller's reference of the call or payment it tells of.
    reference    text        NOT NULL,
    -- Sent byte for byte, so it is text and not jsonb.
    body         text        NOT NULL,
    -- When it is sent next; none once it was delivered or given up.
    due_at       timestamptz,
    failures     integer     NOT NULL CHECK (failures >= 0),
    delivered_at timestamptz,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, callback_id),
    CONSTRAINT callbacks_delivered_is_not_due CHECK (delivered_at IS NULL OR due_at IS NULL)
) WITH (fillfactor = 80);
CREATE INDEX callbacks_due ON callbacks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_of_reference ON callbacks (tenant_id, reference, recorded_at) WHERE failures >= 0;

-- What is sent never changes; what became of sending it does.
GRANT SELECT, INSERT ON callbacks TO ${role};
GRANT UPDATE (due_at, failures, delivered_at) ON callbacks TO ${role};
