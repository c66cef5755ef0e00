-- The log of secret reads is kept for as long as the operator wants, and at least a year (PCI DSS 4.0, 10.5.1). The service's
-- role still may change or delete no line: this function deletes for it, the oldest, some at a time.
CREATE INDEX secret_reads_by_age ON secret_reads USING brin (read_at) WITH (autosummarize = on)
    WHERE read_at IS NOT NULL;

CREATE FUNCTION forget_secret_reads(read_before timestamptz, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
    WITH old AS (
        SELECT tenant_id, read_id FROM secret_reads
        WHERE read_at < least(read_before, now() - interval '366 days')
        LIMIT least(at_most, 10000) FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM secret_reads r USING old o
        WHERE r.tenant_id = o.tenant_id AND r.read_id = o.read_id
        RETURNING 1)
    SELECT count(*)::integer FROM gone
$$;
REVOKE ALL ON FUNCTION forget_secret_reads(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_secret_reads(timestamptz, integer) TO ${role};
