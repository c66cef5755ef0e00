-- After which declines the next connector is tried, as each tenant has it of the operator's connectors too; and never
-- after a decline that no other connector can change.
ALTER TABLE routing_rule_sets ADD COLUMN operator_declines jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(operator_declines) = 'object');

UPDATE connectors SET retryable_declines = (
    SELECT coalesce(jsonb_agg(code ORDER BY code), '[]'::jsonb)
    FROM jsonb_array_elements_text(retryable_declines) AS code
    WHERE code IN ('do_not_honor', 'card_declined', 'insufficient_funds', 'issuer_unavailable',
                   'transaction_not_allowed', 'limit_exceeded', 'invalid_token')
) WHERE retryable_declines IS NOT NULL;

ALTER TABLE connectors ADD CONSTRAINT connectors_retry_no_final_decline CHECK (
    retryable_declines IS NULL OR retryable_declines <@ '["do_not_honor", "card_declined", "insufficient_funds",
        "issuer_unavailable", "transaction_not_allowed", "limit_exceeded", "invalid_token"]'::jsonb
);
ALTER TABLE routing_rule_sets ADD CONSTRAINT routing_rule_sets_retry_no_final_decline CHECK (
    jsonb_path_query_array(operator_declines, '$.*[*]') <@ '["do_not_honor", "card_declined", "insufficient_funds",
        "issuer_unavailable", "transaction_not_allowed", "limit_exceeded", "invalid_token"]'::jsonb
);
