-- What holds of one column alone becomes the law of its type. PostgreSQL reads a table's CHECKs anew, from their text,
-- in every statement that writes to it; a domain's it keeps for the session. A batch of few payments spends as long on
-- reading CHECKs as on writing rows (docs/benchmarks.md).
CREATE DOMAIN key_text AS text CONSTRAINT key_text_length CHECK (length(VALUE) BETWEEN 1 AND 255);
CREATE DOMAIN sha256_digest AS bytea CONSTRAINT sha256_digest_length CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN http_status AS integer CONSTRAINT http_status_range CHECK (VALUE BETWEEN 200 AND 599);

ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_key_check,
    DROP CONSTRAINT idempotency_keys_fingerprint_check,
    DROP CONSTRAINT idempotency_keys_status_check,
    ALTER COLUMN key TYPE key_text,
    ALTER COLUMN fingerprint TYPE sha256_digest,
    ALTER COLUMN status TYPE http_status;
