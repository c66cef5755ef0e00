-- A callback that does not say whose it is moves to its tenant once its gateway has said so; and what was settled long ago
-- is cleared away. Nothing else may delete.
GRANT DELETE ON gateway_callbacks TO ${role};
