-- The double-entry ledger. A transaction is one money effect and is made of transfers: each debits one account and
-- credits another with the same amount, so what is stored here balances whatever is written. Nothing is ever changed.
CREATE TABLE ledger_transfers (
    tenant_id      text        NOT NULL,
    -- A UUIDv7 with its last bit zero: the id of the debit line, and with the bit set of the credit line.
    id             uuid        NOT NULL,
    effect_id      text        NOT NULL CHECK (length(effect_id) BETWEEN 1 AND 64),
    transfer_no    integer     NOT NULL,
    transfer_count integer     NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('capture', 'refund', 'reversal')),
    intent_id      uuid,
    debit_account  text        COLLATE "C" NOT NULL CHECK (debit_account <> ''),
    credit_account text        COLLATE "C" NOT NULL CHECK (credit_account <> ''),
    amount_minor   bigint      NOT NULL CHECK (amount_minor > 0),
    currency       text        COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    occurred_at    timestamptz NOT NULL,
    posted_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- An effect is posted once: every transaction has a transfer 0.
    CONSTRAINT ledger_transfers_effect_key UNIQUE (tenant_id, effect_id, transfer_no),
    CONSTRAINT ledger_transfers_two_accounts CHECK (debit_account <> credit_account),
    CONSTRAINT ledger_transfers_numbered CHECK (transfer_no >= 0 AND transfer_no < transfer_count AND transfer_count <= 100),
    CONSTRAINT ledger_transfers_even_id CHECK ((get_byte(uuid_send(id), 15) & 1) = 0)
);
-- The lines of an account, and of an intent, newest first.
CREATE INDEX ledger_transfers_by_debit ON ledger_transfers (tenant_id, debit_account, id);
CREATE INDEX ledger_transfers_by_credit ON ledger_transfers (tenant_id, credit_account, id);
CREATE INDEX ledger_transfers_by_intent ON ledger_transfers (tenant_id, intent_id, id);

-- What the lines of an account add up to, kept in the transaction that posts them. Numeric: a sum of 64-bit amounts
-- may need more than 64 bits.
CREATE TABLE account_balances (
    tenant_id     text    NOT NULL,
    account       text    COLLATE "C" NOT NULL,
    currency      text    COLLATE "C" NOT NULL,
    debits_minor  numeric NOT NULL CHECK (debits_minor >= 0 AND scale(debits_minor) = 0),
    credits_minor numeric NOT NULL CHECK (credits_minor >= 0 AND scale(credits_minor) = 0),
    PRIMARY KEY (tenant_id, account, currency)
) WITH (fillfactor = 50);

-- The ledger as lines, for reading by people and tools: two for each transfer.
CREATE VIEW ledger_entries AS
SELECT tenant_id, id, effect_id, kind, intent_id, debit_account AS account, 'debit' AS direction, amount_minor,
       currency, occurred_at, posted_at
FROM ledger_transfers
UNION ALL
SELECT tenant_id,
       (left(id::text, 35) || translate(right(id::text, 1), '02468ace', '13579bdf'))::uuid,
       effect_id, kind, intent_id, credit_account, 'credit', amount_minor, currency, occurred_at, posted_at
FROM ledger_transfers;

-- Append-only: the service may not change or delete what was posted.
GRANT SELECT, INSERT ON ledger_transfers TO ${role};
GRANT SELECT, INSERT, UPDATE ON account_balances TO ${role};
GRANT SELECT ON ledger_entries TO ${role};
