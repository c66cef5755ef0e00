-- A link for one payment is completed by the commit that records its payment, no more by a follower of the event: what
-- that follower had not done yet is done here, and its position goes.
UPDATE payment_links l
SET status = 'completed', version = l.version + 1, updated_at = now()
FROM intents i
WHERE l.usage = 'single' AND l.status <> 'completed'
  AND i.tenant_id = l.tenant_id AND i.intent_id = l.intent_id AND i.amount_captured_minor > 0;
DELETE FROM outbox_positions WHERE follower = 'intents-links';

-- A payment's second commit changes its intent's row while those of the same batch are on the same page: with half of a
-- page free it stays there and touches no index. At a quarter every third did not find room.
ALTER TABLE intents SET (fillfactor = 50);
