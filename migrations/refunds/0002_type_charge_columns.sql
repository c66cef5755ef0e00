-- What holds of one column alone becomes the law of its type: see spine's 0040 for why. Only of the two tables that
-- every payment writes. The laws stay the same.
CREATE DOMAIN row_version AS bigint CONSTRAINT row_version_positive CHECK (VALUE > 0);
CREATE DOMAIN currency_code AS text CONSTRAINT currency_code_form CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN amount_of_money AS bigint CONSTRAINT amount_of_money_positive CHECK (VALUE > 0);
CREATE DOMAIN sum_of_money AS bigint CONSTRAINT sum_of_money_not_negative CHECK (VALUE >= 0);

-- They name the columns whose types change.
DROP TRIGGER refundable_charges_growth ON refundable_charges;
DROP TRIGGER refundable_charges_beginning ON refundable_charges;
ALTER TABLE refundable_charges
    DROP CONSTRAINT refundable_charges_version_check,
    DROP CONSTRAINT refundable_charges_currency_check,
    DROP CONSTRAINT refundable_charges_authorized_minor_check,
    DROP CONSTRAINT refundable_charges_captured_minor_check,
    DROP CONSTRAINT refundable_charges_disputed_minor_check,
    DROP CONSTRAINT refundable_charges_refunded_minor_check,
    ALTER COLUMN version TYPE row_version,
    ALTER COLUMN currency TYPE currency_code,
    ALTER COLUMN authorized_minor TYPE sum_of_money,
    ALTER COLUMN captured_minor TYPE amount_of_money,
    ALTER COLUMN disputed_minor TYPE sum_of_money,
    ALTER COLUMN refunded_minor TYPE sum_of_money;
ALTER TABLE charge_captures
    DROP CONSTRAINT charge_captures_amount_minor_check,
    ALTER COLUMN amount_minor TYPE amount_of_money;
CREATE TRIGGER refundable_charges_growth BEFORE UPDATE ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > OLD.refunded_minor AND NEW.refunded_minor > NEW.captured_minor - NEW.disputed_minor)
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
CREATE TRIGGER refundable_charges_beginning BEFORE INSERT ON refundable_charges FOR EACH ROW
    WHEN (NEW.refunded_minor > 0 AND NEW.refunded_minor > NEW.captured_minor - NEW.disputed_minor)
    EXECUTE FUNCTION refuse_refund_beyond_what_is_left();
