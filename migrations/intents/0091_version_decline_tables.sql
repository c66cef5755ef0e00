-- How often each table of declines was replaced, whatever else of its connector or of the routing changed meanwhile.
ALTER TABLE connectors ADD COLUMN decline_table_version bigint NOT NULL DEFAULT 1
    CHECK (decline_table_version >= 1);

ALTER TABLE routing_rule_sets ADD COLUMN operator_decline_versions jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(operator_decline_versions) = 'object');
