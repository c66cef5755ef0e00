-- Reservations of the hotels dialect, with what is to be paid in advance for them. A deposit that was paid confirms its
-- reservation in the commit of the payment.
CREATE TABLE hotel_reservations (
    tenant_id      text        NOT NULL,
    reservation_id text        NOT NULL CHECK (length(reservation_id) BETWEEN 1 AND 255),
    version        bigint      NOT NULL CHECK (version > 0),
    hotel_id       text        NOT NULL CHECK (length(hotel_id) BETWEEN 1 AND 255),
    rate_plan      text        CHECK (length(rate_plan) BETWEEN 1 AND 255),
    guest          jsonb       NOT NULL CHECK (jsonb_typeof(guest) = 'object'),
    total_minor    bigint      NOT NULL CHECK (total_minor > 0),
    currency       text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Days as ISO 8601 has them.
    arrival        text        NOT NULL CHECK (arrival ~ '^\d{4}-\d{2}-\d{2}$'),
    departure      text        NOT NULL CHECK (departure ~ '^\d{4}-\d{2}-\d{2}$'),
    channel        text        NOT NULL CHECK (channel IN ('GUEST_BOOKING', 'PAYMENT_LINK', 'AGENT')),
    status         text        NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'CANCELLED')),
    policy_type    text        NOT NULL,
    policy_version bigint      NOT NULL CHECK (policy_version >= 0),
    -- As it was when it was paid, or as it is asked for.
    deposit_minor  bigint      NOT NULL CHECK (deposit_minor >= 0),
    -- The payment, or the link, by which it is asked for.
    intent_id      uuid,
    link_id        uuid,
    -- The intents that took money for it.
    paid           jsonb       NOT NULL CHECK (jsonb_typeof(paid) = 'array'),
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, reservation_id),
    CONSTRAINT hotel_reservations_end_after_they_begin CHECK (departure::date > arrival::date),
    CONSTRAINT hotel_reservations_confirmed_was_paid CHECK (status <> 'CONFIRMED' OR jsonb_array_length(paid) > 0)
);

-- Of which hotel a link is that the hotels dialect made.
ALTER TABLE payment_links ADD COLUMN hotel_id text CHECK (length(hotel_id) BETWEEN 1 AND 255);

GRANT SELECT, INSERT, UPDATE ON hotel_reservations TO ${role};
