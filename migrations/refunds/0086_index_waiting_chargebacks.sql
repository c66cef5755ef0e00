-- Those that wait for their charge are looked at in every round of matching.
CREATE INDEX chargeback_intakes_waiting ON chargeback_intakes (tenant_id, gateway_reference) WHERE dispute_id IS NULL;
