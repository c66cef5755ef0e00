-- What a customer's authentication depends on, and up to which amount risk analysis may stand in for it.
ALTER TABLE tenant_settings DROP CONSTRAINT tenant_settings_three_ds_policy_check;
UPDATE tenant_settings SET three_ds_policy = 'never' WHERE three_ds_policy = 'when_required';
ALTER TABLE tenant_settings
    ADD CONSTRAINT tenant_settings_three_ds_policy_check
        CHECK (three_ds_policy IN ('automatic', 'always', 'risk_based', 'never')),
    -- Minor units of EUR: the threshold values of the annex of Delegated Regulation (EU) 2018/389. None: not at all.
    ADD COLUMN risk_analysis_max_eur bigint CHECK (risk_analysis_max_eur IN (10000, 25000, 50000));
