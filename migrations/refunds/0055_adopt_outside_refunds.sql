-- Refunds that a person made in the gateway's own dashboard are adopted: facts from outside, which land whatever is left
-- of their charge. What we refund ourselves keeps its law, and theirs count against it.
ALTER TABLE refunds
    ADD COLUMN origin text NOT NULL DEFAULT 'tender' CHECK (origin IN ('tender', 'gateway')),
    ADD CONSTRAINT refunds_made_outside_is_known
        CHECK (origin = 'tender' OR (gateway_reference IS NOT NULL AND status IN ('succeeded', 'failed')));
-- One refund here, however often the gateway tells of it.
CREATE UNIQUE INDEX refunds_made_outside_key ON refunds (tenant_id, charge_id, gateway_reference)
    WHERE origin = 'gateway';

-- The sum of those that are not failed; NULL where there are none, which is nearly everywhere.
ALTER TABLE refundable_charges ADD COLUMN refunded_outside_minor sum_of_money;

CREATE OR REPLACE FUNCTION refuse_refund_beyond_what_is_left() RETURNS trigger
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'charge % of %: refunds of % exceed captures of % less disputes of % and refunds outside of %',
        NEW.charge_id, NEW.tenant_id, NEW.refunded_minor, NEW.captured_minor, NEW.disputed_minor,
        coalesce(NEW.refunded_outside_minor, 0)
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refundable_charges_within_left',
              TABLE = 'refundable_charges';
END $$;
DROP TRIGGER refundable_charges_growth ON refundable_charges;
DROP TRIGGER refundable_charges_beginning ON refundable_charges;
CREATE TRIGGER refundable_charges_growth BEFORE UPDATE ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > OLD.refunded_minor
          AND NEW.refunded_minor
              > NEW.captured_minor - NEW.disputed_minor - coalesce(NEW.refunded_outside_minor, 0))
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
CREATE TRIGGER refundable_charges_beginning BEFORE INSERT ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > 0
          AND NEW.refunded_minor
              > NEW.captured_minor - NEW.disputed_minor - coalesce(NEW.refunded_outside_minor, 0))
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
