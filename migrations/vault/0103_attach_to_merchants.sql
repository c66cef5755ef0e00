-- The merchant account that alone may charge a method. NULL while each of the tenant's may.
ALTER TABLE payment_methods
    ADD COLUMN merchant_account_id text CHECK (length(merchant_account_id) BETWEEN 1 AND 255);

-- A merchant account's methods, newest first.
CREATE INDEX payment_methods_by_merchant ON payment_methods (merchant_account_id, tenant_id, method_id)
    WHERE deleted_at IS NULL AND merchant_account_id IS NOT NULL;
