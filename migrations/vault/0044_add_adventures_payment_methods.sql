-- The adventures document's table `payment_methods`, with the tenant beside its columns. Under another name, for
-- `payment_methods` is the platform's own. Methods whose customer is no UUID are no guest's; the barrier keeps a
-- condition of the reader's from being tried on them.
CREATE VIEW adventures_payment_methods WITH (security_barrier) AS
SELECT
    tenant_id,
    method_id,
    customer_id::uuid                               AS guest_id,
    -- The gateways' tokens are sealed, and no key to them is in this database: by this one can be told from another.
    encode(sha256(sealed), 'hex')::varchar(255)     AS token,
    last4::character(4)                             AS card_last_four,
    brand::varchar(20)                              AS card_brand,
    exp_month::smallint                             AS expiry_month,
    exp_year::smallint                              AS expiry_year,
    is_default
FROM payment_methods
WHERE deleted_at IS NULL
  AND customer_id ~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$';
GRANT SELECT ON adventures_payment_methods TO ${role};
