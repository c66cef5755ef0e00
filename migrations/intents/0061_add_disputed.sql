-- What disputes take of an intent's charge, as refunds tells it: {"minor", "version"}, in minor units, with the version of
-- the charge that told it. NULL where nothing was ever disputed, which is nearly everywhere: a payment does not write it.
-- Its law is its type's: a CHECK of the table would be read anew with every payment (see 0051).
CREATE DOMAIN disputed_sum AS jsonb
    CONSTRAINT disputed_sum_form
        CHECK ((VALUE ->> 'minor')::bigint >= 0 AND (VALUE ->> 'version')::bigint > 0);
ALTER TABLE intents ADD COLUMN disputed disputed_sum;
