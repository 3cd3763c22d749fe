-- replaces: intake_service/0001_submissions.sql
-- Intake knows which agency submitted when, and how far its submission has come; what was submitted it holds only sealed, in the outbox.

CREATE TABLE agency (
    agency_id  uuid        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    category   text        NOT NULL,
    enabled    boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The secret half of a key is kept as an HMAC; two keys may be in force while one replaces the other.
CREATE TABLE agency_key (
    prefix      text        PRIMARY KEY,
    agency_id   uuid        NOT NULL REFERENCES agency,
    secret_hmac bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

-- Fingerprints are HMACs: a plain hash of a guessable body would tell a guesser that the guess is right.
CREATE TABLE submission (
    submission_ref   uuid        PRIMARY KEY,
    agency_id        uuid        NOT NULL REFERENCES agency,
    idempotency_hmac bytea       NOT NULL,
    body_hmac        bytea       NOT NULL,
    receipt          text        NOT NULL UNIQUE,
    status_ref       uuid        NOT NULL UNIQUE,
    status           text        NOT NULL DEFAULT 'received',
    accepted_at      timestamptz NOT NULL,
    status_at        timestamptz NOT NULL,
    UNIQUE (agency_id, idempotency_hmac)
);

-- Row-level security on, with a policy that lets the service work: it keeps PostgreSQL from quoting a row in an error.
ALTER TABLE submission ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON submission TO :app USING (true) WITH CHECK (true);

GRANT SELECT ON agency, agency_key TO :app;
GRANT SELECT, INSERT ON submission TO :app;
GRANT UPDATE (status, status_at) ON submission TO :app;
