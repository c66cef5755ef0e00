-- Methods beside cards: wallets, bank accounts, PayPal accounts, SEPA direct debits with their mandates. Never an account's
-- number: what may be shown of it.
ALTER TABLE payment_methods
    DROP CONSTRAINT payment_methods_type_check,
    DROP CONSTRAINT payment_methods_last4_check,
    ALTER COLUMN brand DROP NOT NULL,
    ALTER COLUMN last4 DROP NOT NULL,
    ALTER COLUMN exp_month DROP NOT NULL,
    ALTER COLUMN exp_year DROP NOT NULL,
    -- Where the bank account is held (ISO 3166-1 alpha-2), and at which bank (ISO 9362).
    ADD COLUMN account_country text CHECK (account_country ~ '^[A-Z]{2}$'),
    ADD COLUMN bic text CHECK (bic ~ '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
    -- The PayPal account's address, masked.
    ADD COLUMN paypal_email text CHECK (paypal_email ~ '^.?[*]{3}(@.+)?$'),
    ADD COLUMN mandate_reference text CHECK (mandate_reference ~ '^[A-Za-z0-9/?:().,''+-]{1,35}$'),
    ADD COLUMN mandate_signed_at timestamptz,
    ADD COLUMN mandate_sequence text CHECK (mandate_sequence IN ('FRST', 'RCUR', 'FNAL', 'OOFF')),
    -- Whether it was made of card or account data rather than of a client's token: then its customer's consent is needed.
    ADD COLUMN from_raw_data boolean NOT NULL DEFAULT false,
    -- The method of the same card or account that its customer had already.
    ADD COLUMN duplicate_of uuid,
    ADD CONSTRAINT payment_methods_type_check
        CHECK (type IN ('card', 'bank_account', 'apple_pay', 'google_pay', 'paypal', 'sepa_debit')),
    ADD CONSTRAINT payment_methods_last4_check CHECK (
        CASE WHEN type IN ('bank_account', 'sepa_debit') THEN last4 ~ '^[0-9A-Z]{4}$' ELSE last4 ~ '^[0-9]{4}$' END),
    -- Each type has its own columns, all that it needs, and none of another's.
    ADD CONSTRAINT payment_methods_card_columns CHECK (
        CASE WHEN type IN ('card', 'apple_pay', 'google_pay')
             THEN num_nulls(brand, last4, exp_month, exp_year) = 0
             ELSE num_nonnulls(brand, exp_month, exp_year, bin) = 0 END),
    ADD CONSTRAINT payment_methods_account_columns CHECK (
        CASE WHEN type IN ('bank_account', 'sepa_debit')
             THEN num_nulls(account_country, last4) = 0
             ELSE num_nonnulls(account_country, bic) = 0 END),
    ADD CONSTRAINT payment_methods_paypal_columns CHECK (
        CASE WHEN type = 'paypal' THEN last4 IS NULL ELSE paypal_email IS NULL END),
    ADD CONSTRAINT payment_methods_mandate_columns CHECK (
        CASE WHEN type = 'sepa_debit'
             THEN num_nulls(mandate_reference, mandate_signed_at, mandate_sequence) = 0
             ELSE num_nonnulls(mandate_reference, mandate_signed_at, mandate_sequence) = 0 END),
    -- Banks know debits by it: used once, also after the method was deleted. Claimed before; this is the last line.
    ADD CONSTRAINT payment_methods_one_mandate UNIQUE (tenant_id, mandate_reference),
    ADD CONSTRAINT payment_methods_repeats_another CHECK (duplicate_of <> method_id);

-- Only where the vault saw a card's number does it have its BIN.
UPDATE payment_methods SET from_raw_data = true WHERE bin IS NOT NULL;

-- By what the same card or account of a customer is found again.
CREATE INDEX payment_methods_by_fingerprint ON payment_methods (fingerprint, tenant_id, method_id)
    WHERE deleted_at IS NULL;

-- The adventures document's table has cards only, none of whose columns may be empty.
CREATE OR REPLACE VIEW adventures_payment_methods WITH (security_barrier) AS
SELECT
    tenant_id,
    method_id,
    customer_id::uuid                               AS guest_id,
    encode(sha256(sealed), 'hex')::varchar(255)     AS token,
    last4::character(4)                             AS card_last_four,
    brand::varchar(20)                              AS card_brand,
    exp_month::smallint                             AS expiry_month,
    exp_year::smallint                              AS expiry_year,
    is_default
FROM payment_methods
WHERE deleted_at IS NULL
  AND type IN ('card', 'apple_pay', 'google_pay')
  AND customer_id ~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$';
