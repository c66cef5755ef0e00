-- What tenants' settings say of authentication, what clients and attempts ask of it, and what came of it.
ALTER TABLE tenant_rules
    ADD COLUMN three_ds_policy text NOT NULL DEFAULT 'automatic'
        CHECK (three_ds_policy IN ('automatic', 'always', 'risk_based', 'never')),
    -- Minor units of EUR.
    ADD COLUMN risk_analysis_max_eur bigint CHECK (risk_analysis_max_eur > 0);

-- What a client asks for beside amount and method; NULL for most.
ALTER TABLE intents ADD COLUMN options json_object;

CREATE DOMAIN method_word AS text CONSTRAINT method_word_form CHECK (VALUE ~ '^[a-z0-9_]{1,40}$');
-- The exemption and agreement that an attempt asks for, what became of them, and the session that it is; NULL for most.
-- Never a cryptogram of an authentication.
ALTER TABLE attempts
    ADD COLUMN details json_object,
    -- The alternative payment method of a session, which charges neither a saved method nor a test token.
    ADD COLUMN alternative method_word,
    DROP CONSTRAINT attempts_one_instrument,
    ADD CONSTRAINT attempts_one_instrument CHECK (num_nonnulls(method_id, test_token, alternative) = 1);
