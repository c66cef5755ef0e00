-- The hotels dialect: what its document wants kept of a payment beside the intent. Only its payments have such a row; it
-- never changes. Its page is found through `locator` (kind `payment_page`), as those of the rentals dialect are.
CREATE TABLE hotel_payments (
    tenant_id         text  NOT NULL,
    intent_id         uuid  NOT NULL,
    hotel_id          text  NOT NULL CHECK (length(hotel_id) BETWEEN 1 AND 255),
    channel           text  NOT NULL CHECK (channel IN ('GUEST_BOOKING', 'PAYMENT_LINK', 'AGENT')),
    booking_reference text  CHECK (length(booking_reference) BETWEEN 1 AND 255),
    guest             jsonb NOT NULL CHECK (jsonb_typeof(guest) = 'object'),
    success_url       text  CHECK (length(success_url) BETWEEN 1 AND 2048),
    failure_url       text  CHECK (length(failure_url) BETWEEN 1 AND 2048),
    PRIMARY KEY (tenant_id, intent_id)
);

GRANT SELECT, INSERT ON hotel_payments TO ${role};
