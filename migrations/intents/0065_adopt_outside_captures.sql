-- Captures that a person made in the gateway's own dashboard are adopted. NULL is one that we asked for, as nearly all are:
-- a payment does not write it. Its law is its type's (see 0051).
CREATE DOMAIN capture_origin AS text
    CONSTRAINT capture_origin_is_known CHECK (VALUE = 'gateway');
ALTER TABLE captures ADD COLUMN origin capture_origin;
-- One capture here, however often the gateway tells of it.
CREATE UNIQUE INDEX captures_made_outside_key ON captures (tenant_id, attempt_id, gateway_reference)
    WHERE origin = 'gateway';
