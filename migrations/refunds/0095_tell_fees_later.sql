-- Whether the fee was told, or nobody has said what it is; then it is 0. NULL is of rows of before, of which only a fee of
-- more than nothing is known to have been told.
ALTER TABLE disputes
    ADD COLUMN fee_stated boolean,
    ADD CONSTRAINT disputes_fee_stated CHECK (fee_stated IS DISTINCT FROM false OR fee_minor = 0);
ALTER TABLE chargeback_intakes
    ADD COLUMN fee_stated boolean,
    ADD CONSTRAINT chargeback_intakes_fee_stated CHECK (fee_stated IS DISTINCT FROM false OR fee_minor = 0);

-- What was told stays, but for a fee that was not told: it becomes known once.
DROP TRIGGER disputes_told_stays ON disputes;
CREATE TRIGGER disputes_told_stays BEFORE UPDATE ON disputes FOR EACH ROW
    WHEN ((NEW.charge_id, NEW.processor, NEW.processor_reference, NEW.amount_minor, NEW.currency)
          IS DISTINCT FROM
          (OLD.charge_id, OLD.processor, OLD.processor_reference, OLD.amount_minor, OLD.currency)
          OR (coalesce(OLD.fee_stated, OLD.fee_minor > 0)
              AND (NEW.fee_minor, coalesce(NEW.fee_stated, NEW.fee_minor > 0)) IS DISTINCT FROM (OLD.fee_minor, true)))
    EXECUTE FUNCTION refuse_other_dispute();
