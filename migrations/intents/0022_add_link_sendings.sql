-- Messages that bring a payment link to its guest. The link's address is not kept: it is made again when it is sent.
CREATE TABLE link_sendings (
    tenant_id  text        NOT NULL,
    sending_id uuid        NOT NULL,
    version    bigint      NOT NULL CHECK (version > 0),
    link_id    uuid        NOT NULL,
    channel    text        NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient  text        NOT NULL CHECK (length(recipient) BETWEEN 1 AND 255),
    base_url   text        NOT NULL,
    status     text        NOT NULL CHECK (status IN ('requested', 'sent', 'failed')),
    problem    text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sending_id),
    CONSTRAINT link_sendings_failed_says_why CHECK ((status = 'failed') = (problem IS NOT NULL))
);

GRANT SELECT, INSERT, UPDATE ON link_sendings TO ${role};
