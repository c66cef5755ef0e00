-- Store credit: what customers spend of it, and what they are given beside refunds.
ALTER DOMAIN transfer_kind DROP CONSTRAINT transfer_kind_known;
ALTER DOMAIN transfer_kind ADD CONSTRAINT transfer_kind_known
    CHECK (VALUE IN ('capture', 'refund', 'chargeback', 'chargeback_unmatched', 'dispute_won', 'dispute_lost', 'store_credit_redemption',
                     'store_credit_grant', 'reversal'));

-- Why it changed, where no refund says so. Posted in the same commit, under its id.
CREATE TABLE store_credit_adjustments (
    tenant_id        text            NOT NULL,
    adjustment_id    uuid            NOT NULL,
    customer_id      text            NOT NULL CHECK (length(customer_id) BETWEEN 1 AND 255),
    kind             text            NOT NULL CHECK (kind IN ('redemption', 'grant')),
    amount_minor     amount_of_money NOT NULL,
    currency         currency_code   NOT NULL,
    merchant_account text            NOT NULL CHECK (length(merchant_account) BETWEEN 1 AND 255),
    reason           text            NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    order_ref        text            CHECK (length(order_ref) BETWEEN 1 AND 255),
    made_by          text            NOT NULL,
    made_at          timestamptz     NOT NULL,
    PRIMARY KEY (tenant_id, adjustment_id)
);
-- Append-only, as the ledger is.
GRANT SELECT, INSERT ON store_credit_adjustments TO ${role};

-- A customer's store credit is never less than nothing. By a trigger after the row is written, for what is inserted
-- first is what is added to the balance, not the balance.
CREATE FUNCTION refuse_uncovered_store_credit() RETURNS trigger
LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'store credit of % in %: % was spent of %',
        NEW.account, NEW.currency, NEW.debits_minor, NEW.credits_minor
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_balances_store_credit_covered',
              TABLE = 'account_balances';
END $$;
CREATE TRIGGER account_balances_store_credit_covered AFTER INSERT OR UPDATE ON account_balances FOR EACH ROW
    WHEN (NEW.debits_minor > NEW.credits_minor AND starts_with(NEW.account, 'liability:customer:'))
    EXECUTE FUNCTION refuse_uncovered_store_credit();
