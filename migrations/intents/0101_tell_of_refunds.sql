-- Where those are reached who ask for refunds for a hotel.
ALTER TABLE hotel_settings
    ADD COLUMN agents jsonb NOT NULL DEFAULT '[]'
        CHECK (jsonb_typeof(agents) = 'array' AND jsonb_array_length(agents) <= 100);

-- What people are told of refunds that were done: written with what shows the refund on its payment, sent and tried again
-- afterwards, each for itself.
CREATE TABLE refund_notices (
    tenant_id       text        NOT NULL,
    notification_id uuid        NOT NULL,
    version         bigint      NOT NULL CHECK (version > 0),
    intent_id       uuid        NOT NULL,
    refund_id       uuid        NOT NULL,
    reader          text        NOT NULL CHECK (reader IN ('payer', 'hotel', 'agent')),
    channel         text        NOT NULL CHECK (channel IN ('email', 'sms')),
    address         text        NOT NULL CHECK (length(address) BETWEEN 1 AND 2048),
    subject         text        NOT NULL,
    body            text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('requested', 'sent', 'failed')),
    failures        integer     NOT NULL CHECK (failures >= 0),
    due_at          timestamptz,
    problem         text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, notification_id),
    -- Nobody is told of one refund twice.
    CONSTRAINT refund_notices_once UNIQUE (tenant_id, refund_id, address),
    CONSTRAINT refund_notices_due_until_ended CHECK ((status = 'requested') = (due_at IS NOT NULL)),
    CONSTRAINT refund_notices_failed_says_why CHECK (status <> 'failed' OR problem IS NOT NULL)
);
CREATE INDEX refund_notices_due ON refund_notices (due_at) WHERE status = 'requested';
CREATE INDEX refund_notices_of_payment ON refund_notices (tenant_id, intent_id, created_at);

GRANT SELECT, INSERT, UPDATE ON refund_notices TO ${role};
