-- What the ledger posts of disputes.
ALTER DOMAIN transfer_kind DROP CONSTRAINT transfer_kind_known;
ALTER DOMAIN transfer_kind ADD CONSTRAINT transfer_kind_known
    CHECK (VALUE IN ('capture', 'refund', 'chargeback', 'dispute_won', 'dispute_lost', 'reversal'));
