-- The history of a user of the rentals document: its payments, counted and paged without a look at their rows. Only
-- payments of that door write it, once each: no column of it ever changes.
CREATE INDEX intents_of_rentals_user ON intents (tenant_id, customer_id, created_at, intent_id)
    WHERE channel = 'rentals' AND customer_id IS NOT NULL;
