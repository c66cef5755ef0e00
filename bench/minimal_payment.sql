-- One payment with the least that survives a crash, row by row, as a service would write it that commits twice: before
-- the gateway is called, and after. No gateway, no HTTP, no authentication, no balance of an account.
\set a random(1, 9223372036854775806)
\set b random(1, 9223372036854775806)
BEGIN;
INSERT INTO minimal.intents VALUES ('sandbox', lpad(to_hex(:a::bigint), 32, '0')::uuid, 'processing', 5194, 'EUR');
INSERT INTO minimal.idempotency_keys VALUES ('sandbox', to_hex(:a::bigint), lpad(to_hex(:a::bigint), 32, '0')::uuid);
COMMIT;
BEGIN;
UPDATE minimal.intents SET status = 'succeeded' WHERE tenant_id = 'sandbox' AND id = lpad(to_hex(:a::bigint), 32, '0')::uuid;
INSERT INTO minimal.charges VALUES ('sandbox', lpad(to_hex(:b::bigint), 32, '0')::uuid, lpad(to_hex(:a::bigint), 32, '0')::uuid, 5194);
INSERT INTO minimal.outbox (tenant_id, topic, data) VALUES ('sandbox', 'payment.processed', '{"amountMinor": 5194, "currency": "EUR", "status": "succeeded"}');
INSERT INTO minimal.ledger (tenant_id, charge_id, account, debit, credit) VALUES ('sandbox', lpad(to_hex(:b::bigint), 32, '0')::uuid, 'asset/gateway/simulator', 5194, 0);
INSERT INTO minimal.ledger (tenant_id, charge_id, account, debit, credit) VALUES ('sandbox', lpad(to_hex(:b::bigint), 32, '0')::uuid, 'liability/merchant/default', 0, 5194);
COMMIT;
