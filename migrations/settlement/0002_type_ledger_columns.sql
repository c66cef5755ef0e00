-- What holds of one column alone becomes the law of its type: see spine's 0040 for why. The laws stay the same.
CREATE DOMAIN effect_text AS text CONSTRAINT effect_text_length CHECK (length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN transfer_kind AS text CONSTRAINT transfer_kind_known CHECK (VALUE IN ('capture', 'refund', 'reversal'));
CREATE DOMAIN account_name AS text COLLATE "C" CONSTRAINT account_name_is_given CHECK (VALUE <> '');
CREATE DOMAIN currency_code AS text COLLATE "C" CONSTRAINT currency_code_form CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN amount_of_money AS bigint CONSTRAINT amount_of_money_positive CHECK (VALUE > 0);
CREATE DOMAIN sum_of_money AS numeric CONSTRAINT sum_of_money_whole CHECK (VALUE >= 0 AND scale(VALUE) = 0);
CREATE DOMAIN even_uuid AS uuid CONSTRAINT even_uuid_last_bit CHECK ((get_byte(uuid_send(VALUE), 15) & 1) = 0);

DROP VIEW ledger_entries;
ALTER TABLE ledger_transfers
    DROP CONSTRAINT ledger_transfers_effect_id_check,
    DROP CONSTRAINT ledger_transfers_kind_check,
    DROP CONSTRAINT ledger_transfers_debit_account_check,
    DROP CONSTRAINT ledger_transfers_credit_account_check,
    DROP CONSTRAINT ledger_transfers_amount_minor_check,
    DROP CONSTRAINT ledger_transfers_currency_check,
    DROP CONSTRAINT ledger_transfers_even_id,
    ALTER COLUMN id TYPE even_uuid,
    ALTER COLUMN effect_id TYPE effect_text,
    ALTER COLUMN kind TYPE transfer_kind,
    ALTER COLUMN debit_account TYPE account_name,
    ALTER COLUMN credit_account TYPE account_name,
    ALTER COLUMN amount_minor TYPE amount_of_money,
    ALTER COLUMN currency TYPE currency_code;
ALTER TABLE account_balances
    DROP CONSTRAINT account_balances_debits_minor_check,
    DROP CONSTRAINT account_balances_credits_minor_check,
    ALTER COLUMN debits_minor TYPE sum_of_money,
    ALTER COLUMN credits_minor TYPE sum_of_money;

-- As it was: the ledger as lines, for reading by people and tools; two for each transfer.
CREATE VIEW ledger_entries AS
SELECT tenant_id, id::uuid AS id, effect_id, kind, intent_id, debit_account AS account, 'debit' AS direction,
       amount_minor, currency, occurred_at, posted_at
FROM ledger_transfers
UNION ALL
SELECT tenant_id,
       (left(id::text, 35) || translate(right(id::text, 1), '02468ace', '13579bdf'))::uuid,
       effect_id, kind, intent_id, credit_account, 'credit', amount_minor, currency, occurred_at, posted_at
FROM ledger_transfers;
GRANT SELECT ON ledger_entries TO ${role};
