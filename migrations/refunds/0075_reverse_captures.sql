-- Captures that did not last: the gateway, or the bank behind it, took the money back after they had succeeded. A fact from
-- outside, which lands whatever was refunded. Append-only, as the captures are.
CREATE TABLE capture_reversals (
    tenant_id   text        NOT NULL,
    capture_id  uuid        NOT NULL,
    -- No foreign keys: capture, reversal and charge may be written in one change, in any order.
    charge_id   uuid        NOT NULL,
    reversed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, capture_id)
);
CREATE INDEX capture_reversals_by_charge ON capture_reversals (charge_id, tenant_id);
GRANT SELECT, INSERT ON capture_reversals TO ${role};

-- Their sum; NULL where there are none, which is nearly everywhere. captured_minor stays what was ever captured.
ALTER TABLE refundable_charges
    ADD COLUMN reversed_minor sum_of_money,
    ADD CONSTRAINT refundable_charges_reversed_was_captured CHECK (reversed_minor <= captured_minor);

CREATE OR REPLACE FUNCTION refuse_refund_beyond_what_is_left() RETURNS trigger
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION
        'charge % of %: refunds of % exceed captures of % less % taken back, disputes of % and refunds outside of %',
        NEW.charge_id, NEW.tenant_id, NEW.refunded_minor, NEW.captured_minor, coalesce(NEW.reversed_minor, 0),
        NEW.disputed_minor, coalesce(NEW.refunded_outside_minor, 0)
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refundable_charges_within_left',
              TABLE = 'refundable_charges';
END $$;
DROP TRIGGER refundable_charges_growth ON refundable_charges;
DROP TRIGGER refundable_charges_beginning ON refundable_charges;
CREATE TRIGGER refundable_charges_growth BEFORE UPDATE ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > OLD.refunded_minor
          AND NEW.refunded_minor > NEW.captured_minor - coalesce(NEW.reversed_minor, 0) - NEW.disputed_minor
              - coalesce(NEW.refunded_outside_minor, 0))
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
CREATE TRIGGER refundable_charges_beginning BEFORE INSERT ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > 0
          AND NEW.refunded_minor > NEW.captured_minor - coalesce(NEW.reversed_minor, 0) - NEW.disputed_minor
              - coalesce(NEW.refunded_outside_minor, 0))
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
