-- What kind of thing was ordered and at which rate plan, where the ordering side says it: refund policies have rules by them.
ALTER TABLE orders
    ADD COLUMN product_type text CHECK (char_length(product_type) BETWEEN 1 AND 255),
    ADD COLUMN rate_plan    text CHECK (char_length(rate_plan) BETWEEN 1 AND 255);
