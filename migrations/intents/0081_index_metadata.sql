-- Lists of intents by what clients keep beside them. Only intents that have metadata write it, once: it is not changed by a
-- payment, whose updates stay on their page. A value's hash stands for it, so that an entry is small whatever its text.
CREATE INDEX intents_by_metadata ON intents USING gin (metadata jsonb_path_ops) WHERE metadata <> '{}';
