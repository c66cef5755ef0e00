-- The tables that every service's schema has for its unit of work: idempotency keys, inbox, guards, outbox, and the
-- writer's own row. crates/postgres reads and writes them; no service does.

-- Idempotency keys, written in the transaction of the effect. `status` is NULL while the answer is not known.
CREATE TABLE idempotency_keys (
    tenant_id   text        NOT NULL,
    route       text        NOT NULL,
    key         text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    resource    text        NOT NULL,
    started_at  timestamptz NOT NULL,
    status      integer     CHECK (status BETWEEN 200 AND 599),
    body        text,
    PRIMARY KEY (tenant_id, route, key),
    CHECK ((status IS NULL) = (body IS NULL))
) WITH (fillfactor = 80);

-- What consumers have handled, by event id or effect id.
CREATE TABLE inbox (
    tenant_id  text        NOT NULL,
    consumer   text        NOT NULL,
    key        text        NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, consumer, key)
);

-- Claims: at most one owner of a thing (the live payment of an order).
CREATE TABLE claims (
    tenant_id text NOT NULL,
    kind      text NOT NULL,
    key       text NOT NULL,
    owner     text NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
);

-- Counters with a limit that the change names.
CREATE TABLE counters (
    tenant_id text   NOT NULL,
    kind      text   NOT NULL,
    key       text   NOT NULL,
    value     bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
);

-- One row a writer task: which batch it committed last and who lost in it. `epoch` fences a batch whose answer was
-- lost: whoever resolves it raises the epoch, and a statement with the old one can no longer write.
CREATE TABLE writers (
    writer uuid        PRIMARY KEY,
    epoch  bigint      NOT NULL,
    batch  bigint      NOT NULL,
    losers integer[]   NOT NULL DEFAULT '{}',
    "at"   timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);

-- The outbox: the durable log of what happened. Followers read it in the order (tx, n) below the oldest running
-- transaction, so that a transaction that commits late is never skipped. No row is ever changed.
CREATE TABLE outbox (
    tenant_id   text        NOT NULL,
    tx          bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    n           integer     NOT NULL,
    id          uuid        NOT NULL,
    topic       text        NOT NULL,
    key         text        NOT NULL,
    subject     text        NOT NULL,
    source      text        NOT NULL,
    "time"      timestamptz NOT NULL,
    version     bigint      NOT NULL,
    traceparent text,
    data        text        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (recorded_at);
CREATE INDEX outbox_order ON outbox (tx, n);
-- Rows of a month without a partition of its own land here, never nowhere.
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- Makes the partitions of this month and the next; the service calls it, its role may not create tables itself.
CREATE FUNCTION ensure_outbox_partitions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
    month date;
    name text;
BEGIN
    FOR i IN 0..1 LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
        name := 'outbox_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)', name,
                    month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            EXCEPTION WHEN check_violation OR duplicate_table THEN
                -- Rows of that month are in the default partition already, or another process was faster.
                NULL;
            END;
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION ensure_outbox_partitions() FROM PUBLIC;
SELECT ensure_outbox_partitions();

-- How far each follower of this outbox has come, and who follows now.
CREATE TABLE outbox_positions (
    follower    text        PRIMARY KEY,
    tx          bigint      NOT NULL DEFAULT 0,
    n           integer     NOT NULL DEFAULT 0,
    lease_owner uuid,
    lease_until timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);

-- Messages that a follower could never handle, with the reason; replayed by command.
CREATE TABLE dead_letters (
    tenant_id  text        NOT NULL,
    follower   text        NOT NULL,
    message_id uuid        NOT NULL,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    data       text        NOT NULL,
    reason     text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, follower, message_id)
);

-- What arrives without a tenant, and whose it is: an API key's hash, a link's token, a gateway's own id.
CREATE TABLE locator (
    kind      text COLLATE "C" NOT NULL CHECK (kind <> ''),
    key       text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    tenant_id text             NOT NULL,
    PRIMARY KEY (kind, key)
);

-- The API keys as their owner, operations, last told: what a service lets callers in by. Never a key itself, only the
-- keyed hash of its text. Operations itself has its own table and leaves this one empty.
CREATE TABLE api_key_projection (
    tenant_id    text        NOT NULL,
    key_id       uuid        NOT NULL,
    version      bigint      NOT NULL CHECK (version > 0),
    key_hash     bytea       NOT NULL CHECK (octet_length(key_hash) = 32),
    scopes       jsonb       NOT NULL CHECK (jsonb_typeof(scopes) = 'array'),
    publishable  boolean     NOT NULL,
    livemode     boolean     NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    -- When the owner last said so, by event or by answer: how long it is trusted counts from here.
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key_id),
    UNIQUE (tenant_id, key_hash)
) WITH (fillfactor = 70);

GRANT SELECT, INSERT, UPDATE ON idempotency_keys, counters, writers, outbox_positions TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO ${role};
GRANT SELECT, INSERT ON inbox, outbox TO ${role};
GRANT SELECT, INSERT, DELETE ON dead_letters TO ${role};
GRANT DELETE ON writers TO ${role};
GRANT EXECUTE ON FUNCTION ensure_outbox_partitions() TO ${role};
GRANT SELECT, INSERT ON locator TO ${role};
GRANT SELECT, INSERT, UPDATE ON api_key_projection TO ${role};
