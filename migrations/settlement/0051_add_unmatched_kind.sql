-- What the ledger posts of a chargeback whose charge is not known.
ALTER DOMAIN transfer_kind DROP CONSTRAINT transfer_kind_known;
ALTER DOMAIN transfer_kind ADD CONSTRAINT transfer_kind_known
    CHECK (VALUE IN ('capture', 'refund', 'chargeback', 'chargeback_unmatched', 'dispute_won', 'dispute_lost', 'reversal'));
