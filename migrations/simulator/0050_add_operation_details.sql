-- What is told of authentication with an operation's answer, and the session of an alternative payment method that it
-- is; NULL for most.
ALTER TABLE operations ADD COLUMN details jsonb CHECK (jsonb_typeof(details) = 'object');
GRANT UPDATE (details) ON operations TO ${role};
