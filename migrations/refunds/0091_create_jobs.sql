-- Jobs: many refunds made by one request. A job's row never changes; how far it is, its items say.
CREATE TABLE jobs (
    tenant_id  text        NOT NULL,
    job_id     uuid        NOT NULL,
    livemode   boolean     NOT NULL,
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, job_id)
);

CREATE TABLE job_items (
    tenant_id text        NOT NULL,
    job_id    uuid        NOT NULL,
    -- Its place in the request, from 0.
    number    integer     NOT NULL CHECK (number BETWEEN 0 AND 999),
    version   row_version NOT NULL,
    -- What was asked for, until it is done.
    body      jsonb       CHECK (jsonb_typeof(body) = 'object'),
    -- The refund that it became.
    made_id   uuid,
    problem   jsonb       CHECK (jsonb_typeof(problem) = 'object'),
    ended_at  timestamptz,
    PRIMARY KEY (tenant_id, job_id, number),
    CONSTRAINT job_items_pending_or_ended_in_one_way CHECK (num_nonnulls(body, made_id, problem) = 1),
    CONSTRAINT job_items_ended_is_dated CHECK ((body IS NULL) = (ended_at IS NOT NULL))
) WITH (fillfactor = 70);
-- What the worker takes next, over all tenants: the first items of all jobs before the second.
CREATE INDEX job_items_pending ON job_items (number, job_id) WHERE body IS NOT NULL;

GRANT SELECT, INSERT ON jobs TO ${role};
GRANT SELECT, INSERT, UPDATE ON job_items TO ${role};
