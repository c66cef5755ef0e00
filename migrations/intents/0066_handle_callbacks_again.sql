-- Callbacks can be listed, and handled again by a person; the settled ones are forgotten after a time. The service's role
-- may delete none by itself any more: two functions delete for it, each in its one way.
--
-- While this is applied beside a release from before, what that release cannot move it tries again until the new one runs.
ALTER TABLE gateway_callbacks
    -- A UUIDv7, so that its order is time's.
    ADD COLUMN callback_id uuid NOT NULL DEFAULT (
        lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
    -- How often what became of it was written.
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    -- How often a person had it handled again.
    ADD COLUMN round integer NOT NULL DEFAULT 0 CHECK (round >= 0);
UPDATE gateway_callbacks SET callback_id = (
    lpad(to_hex((extract(epoch FROM received_at) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(event_id), 1, 3) || '8' || substr(md5(tenant_id || '/' || connector || '/' || event_id), 1, 15)
)::uuid;

CREATE UNIQUE INDEX gateway_callbacks_by_id ON gateway_callbacks (tenant_id, callback_id) WHERE failures >= 0;
CREATE INDEX gateway_callbacks_by_state ON gateway_callbacks (tenant_id, state, callback_id) WHERE failures >= 0;
-- Those that nobody has to act on or look at any more.
CREATE INDEX gateway_callbacks_over ON gateway_callbacks (received_at)
    WHERE state IN ('applied', 'known', 'unmatched', 'unknown', 'elsewhere');

-- Moves a callback that is nobody's to the tenant that its gateway named. One that the tenant has already stays as it is.
CREATE FUNCTION give_gateway_callback(of_connector text, of_event text, to_tenant text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
    WITH moved AS (
        DELETE FROM gateway_callbacks
        WHERE tenant_id = '-' AND connector = of_connector AND event_id = of_event AND to_tenant <> '-'
        RETURNING *)
    INSERT INTO gateway_callbacks (tenant_id, connector, event_id, event_type, occurred_at, received_at, fact, body,
                                   state, failures, next_try_at, note, callback_id, version, round)
    SELECT to_tenant, connector, event_id, event_type, occurred_at, received_at, fact, body,
           state, failures, next_try_at, note, callback_id, version, round
    FROM moved ON CONFLICT (tenant_id, connector, event_id) DO NOTHING
$$;

-- Forgets some of those that are over. For two weeks every one is kept, whatever is asked for: gateways send them again
-- for days, and a repetition is to be known.
CREATE FUNCTION forget_gateway_callbacks(received_before timestamptz, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
    WITH old AS (
        SELECT tenant_id, connector, event_id FROM gateway_callbacks
        WHERE received_at < least(received_before, now() - interval '14 days')
          AND state IN ('applied', 'known', 'unmatched', 'unknown', 'elsewhere')
        ORDER BY received_at LIMIT at_most FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM gateway_callbacks c USING old o
        WHERE c.tenant_id = o.tenant_id AND c.connector = o.connector AND c.event_id = o.event_id
        RETURNING 1)
    SELECT count(*)::integer FROM gone
$$;
REVOKE ALL ON FUNCTION give_gateway_callback(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION forget_gateway_callbacks(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION give_gateway_callback(text, text, text) TO ${role};
GRANT EXECUTE ON FUNCTION forget_gateway_callbacks(timestamptz, integer) TO ${role};
REVOKE DELETE ON gateway_callbacks FROM ${role};
GRANT UPDATE (version, round) ON gateway_callbacks TO ${role};
