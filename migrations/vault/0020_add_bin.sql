-- The first six digits of a card's number (its BIN), when the vault saw the number: what fraud rules look at. With the
-- last four they are the most that may be shown of a number (PCI DSS 3.4.1).
ALTER TABLE payment_methods ADD COLUMN bin text CHECK (bin ~ '^[0-9]{6}$');
