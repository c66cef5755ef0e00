-- What holds of one column alone becomes the law of its type: see spine's 0040 for why. Only of the three tables that
-- every payment writes, twice. The laws stay the same, and those over several columns stay CHECKs.
CREATE DOMAIN row_version AS bigint CONSTRAINT row_version_positive CHECK (VALUE > 0);
CREATE DOMAIN amount_of_money AS bigint CONSTRAINT amount_of_money_positive CHECK (VALUE > 0);
CREATE DOMAIN currency_code AS text CONSTRAINT currency_code_form CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN ordinal AS integer CONSTRAINT ordinal_positive CHECK (VALUE > 0);
CREATE DOMAIN tally AS integer CONSTRAINT tally_not_negative CHECK (VALUE >= 0);
CREATE DOMAIN json_object AS jsonb CONSTRAINT json_object_is_one CHECK (jsonb_typeof(VALUE) = 'object');
CREATE DOMAIN seconds_of_delay AS integer CONSTRAINT seconds_of_delay_range CHECK (VALUE BETWEEN 1 AND 518400);
CREATE DOMAIN intent_status AS text CONSTRAINT intent_status_known
    CHECK (VALUE IN ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'authorized',
                     'requires_capture', 'succeeded', 'canceled', 'failed'));
CREATE DOMAIN capture_mode AS text CONSTRAINT capture_mode_known CHECK (VALUE IN ('auto', 'manual'));
CREATE DOMAIN attempt_status AS text CONSTRAINT attempt_status_known
    CHECK (VALUE IN ('started', 'approved', 'declined', 'challenge', 'error', 'unknown', 'conflict'));
CREATE DOMAIN void_status AS text CONSTRAINT void_status_known CHECK (VALUE IN ('started', 'done', 'declined'));
CREATE DOMAIN capture_status AS text CONSTRAINT capture_status_known
    CHECK (VALUE IN ('pending', 'succeeded', 'failed'));

ALTER TABLE intents
    DROP CONSTRAINT intents_version_check,
    DROP CONSTRAINT intents_amount_minor_check,
    DROP CONSTRAINT intents_currency_check,
    DROP CONSTRAINT intents_status_check,
    DROP CONSTRAINT intents_capture_mode_check,
    DROP CONSTRAINT intents_metadata_check,
    DROP CONSTRAINT intents_max_attempts_check,
    DROP CONSTRAINT intents_last_payment_error_check,
    DROP CONSTRAINT intents_capture_delay_seconds_check,
    DROP CONSTRAINT intents_risk_check,
    ALTER COLUMN version TYPE row_version,
    ALTER COLUMN amount_minor TYPE amount_of_money,
    ALTER COLUMN currency TYPE currency_code,
    ALTER COLUMN status TYPE intent_status,
    ALTER COLUMN capture_mode TYPE capture_mode,
    ALTER COLUMN metadata TYPE json_object,
    ALTER COLUMN max_attempts TYPE ordinal,
    ALTER COLUMN last_payment_error TYPE json_object,
    ALTER COLUMN capture_delay_seconds TYPE seconds_of_delay,
    ALTER COLUMN risk TYPE json_object;

ALTER TABLE attempts
    DROP CONSTRAINT attempts_number_check,
    DROP CONSTRAINT attempts_amount_minor_check,
    DROP CONSTRAINT attempts_status_check,
    DROP CONSTRAINT attempts_checks_check,
    DROP CONSTRAINT attempts_void_is_known,
    DROP CONSTRAINT attempts_resolution_check,
    ALTER COLUMN number TYPE ordinal,
    ALTER COLUMN amount_minor TYPE amount_of_money,
    ALTER COLUMN status TYPE attempt_status,
    ALTER COLUMN checks TYPE tally,
    ALTER COLUMN void TYPE void_status,
    ALTER COLUMN resolution TYPE json_object;

ALTER TABLE captures
    DROP CONSTRAINT captures_number_check,
    DROP CONSTRAINT captures_amount_minor_check,
    DROP CONSTRAINT captures_status_check,
    DROP CONSTRAINT captures_checks_check,
    DROP CONSTRAINT captures_resolution_check,
    ALTER COLUMN number TYPE ordinal,
    ALTER COLUMN amount_minor TYPE amount_of_money,
    ALTER COLUMN status TYPE capture_status,
    ALTER COLUMN checks TYPE tally,
    ALTER COLUMN resolution TYPE json_object;
