-- A message that brings a payment link to its guest is tried again for itself, later and later, by who looks for what is
-- due; no more by a follower of the event, which one message held up for all: what that follower had not done yet is due
-- now, and its position goes.
ALTER TABLE link_sendings
    ADD COLUMN failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    -- Only of what is `requested` it says anything. The default is for releases that do not know it.
    ADD COLUMN due_at   timestamptz DEFAULT now(),
    DROP CONSTRAINT link_sendings_failed_says_why,
    ADD CONSTRAINT link_sendings_failed_says_why CHECK (status <> 'failed' OR problem IS NOT NULL);
CREATE INDEX link_sendings_due ON link_sendings (due_at) WHERE status = 'requested';
CREATE INDEX link_sendings_of_link ON link_sendings (tenant_id, link_id, created_at DESC);
DELETE FROM outbox_positions WHERE follower = 'intents-notifications';
