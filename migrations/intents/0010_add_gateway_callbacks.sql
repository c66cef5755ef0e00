-- What gateways tell by themselves: stored before it is acted on, once by the connector and the gateway's own id of the
-- event. Not in the way of a payment: nothing is written here by the payment itself.
CREATE TABLE gateway_callbacks (
    -- '-', which can name no tenant, when the message does not say whose it is and nothing we know does.
    tenant_id    text        NOT NULL CHECK (tenant_id <> ''),
    connector    text        NOT NULL,
    event_id     text        NOT NULL CHECK (char_length(event_id) BETWEEN 1 AND 255),
    event_type   text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    -- What it tells, in our words; what is acted on.
    fact         jsonb       NOT NULL CHECK (jsonb_typeof(fact) = 'object'),
    -- The message as it came, card numbers masked; text, for it need not be JSON.
    body         text        NOT NULL,
    state        text        NOT NULL
        CHECK (state IN ('pending', 'applied', 'known', 'contradicted', 'outside', 'unmatched', 'unknown',
                         'elsewhere', 'given_up')),
    failures     integer     NOT NULL CHECK (failures >= 0),
    next_try_at  timestamptz,
    note         text,
    PRIMARY KEY (tenant_id, connector, event_id),
    -- One that is not settled is acted on: none is ever forgotten.
    CONSTRAINT gateway_callbacks_pending_is_tried CHECK ((state = 'pending') = (next_try_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX gateway_callbacks_due ON gateway_callbacks (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX gateway_callbacks_by_time ON gateway_callbacks (tenant_id, received_at) WHERE failures >= 0;

-- What came never changes; what became of it does.
GRANT SELECT, INSERT ON gateway_callbacks TO ${role};
GRANT UPDATE (state, failures, next_try_at, note) ON gateway_callbacks TO ${role};
