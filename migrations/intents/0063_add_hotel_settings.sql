-- What a hotel asks of its payments, beside its deposit policies.
CREATE TABLE hotel_settings (
    tenant_id           text        NOT NULL,
    hotel_id            text        NOT NULL CHECK (length(hotel_id) BETWEEN 1 AND 255),
    version             bigint      NOT NULL CHECK (version > 0),
    psp                 text        CHECK (length(psp) BETWEEN 1 AND 255),
    locale              text        CHECK (length(locale) BETWEEN 1 AND 35),
    notification_url    text        CHECK (length(notification_url) BETWEEN 1 AND 2048),
    notification_emails jsonb       NOT NULL
        CHECK (jsonb_typeof(notification_emails) = 'array' AND jsonb_array_length(notification_emails) <= 10),
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hotel_id)
);

-- Who is called when this payment has ended.
ALTER TABLE hotel_payments ADD COLUMN notification_url text CHECK (length(notification_url) BETWEEN 1 AND 2048);

-- What hotels, and programs of theirs, are told of the end of a payment: written with the commit that ends it, sent and
-- tried again afterwards, each for itself.
CREATE TABLE hotel_notifications (
    tenant_id       text        NOT NULL,
    notification_id uuid        NOT NULL,
    version         bigint      NOT NULL CHECK (version > 0),
    intent_id       uuid        NOT NULL,
    intent_version  bigint      NOT NULL CHECK (intent_version > 0),
    ended_as        text        NOT NULL CHECK (ended_as IN ('COMPLETED', 'FAILED', 'CANCELLED')),
    way             text        NOT NULL CHECK (way IN ('URL', 'EMAIL')),
    address         text        NOT NULL CHECK (length(address) BETWEEN 1 AND 2048),
    subject         text,
    body            text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('requested', 'sent', 'failed')),
    failures        integer     NOT NULL CHECK (failures >= 0),
    due_at          timestamptz,
    problem         text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, notification_id),
    -- Never twice for one event.
    UNIQUE (tenant_id, intent_id, intent_version, way, address),
    CONSTRAINT hotel_notifications_due_until_ended CHECK ((status = 'requested') = (due_at IS NOT NULL)),
    CONSTRAINT hotel_notifications_failed_says_why CHECK (status <> 'failed' OR problem IS NOT NULL)
);
CREATE INDEX hotel_notifications_due ON hotel_notifications (due_at) WHERE status = 'requested';

GRANT SELECT, INSERT, UPDATE ON hotel_settings, hotel_notifications TO ${role};
