-- Jobs are stored alike by every service that has any: what an item became is named by its id, of whatever kind.
ALTER TABLE job_items RENAME COLUMN intent_id TO made_id;
