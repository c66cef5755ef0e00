-- What was made of a card's or an account's data is on a customer's file only with the customer's consent, of which a mandate is
-- one: as the vault asks, so that a defect of it cannot keep one without.

-- An earlier release gave a card to a customer later without asking for one. Such a card stays as one of which nobody asks it,
-- like what a shop's server brings as a token: nobody can say any more what was agreed.
UPDATE payment_methods SET from_raw_data = false
WHERE customer_id IS NOT NULL AND from_raw_data AND num_nonnulls(consented_at, mandate_signed_at) = 0;

ALTER TABLE payment_methods
    ADD CONSTRAINT payment_methods_on_file_with_consent CHECK (
        customer_id IS NULL OR NOT from_raw_data OR num_nonnulls(consented_at, mandate_signed_at) > 0);
