-- One row for each decided record that is handed over. Its envelope is kept only until the receipt is there; the digest stays.

CREATE TABLE transfer (
    record_ref       uuid        PRIMARY KEY,
    case_id          uuid        NOT NULL UNIQUE,
    state            text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'parked')),
    envelope_version text        NOT NULL,
    envelope         bytea,
    digest           text        NOT NULL,
    decided_at       timestamptz NOT NULL,
    accepted_at      timestamptz NOT NULL DEFAULT now(),
    attempts         integer     NOT NULL DEFAULT 0,
    in_doubt         boolean     NOT NULL DEFAULT false,
    due_at           timestamptz NOT NULL DEFAULT now(),
    lease            uuid,
    error            text,
    police_reference text,
    settled_at       timestamptz,
    CHECK ((state = 'confirmed') = (police_reference IS NOT NULL)),
    CHECK ((state = 'confirmed') = (envelope IS NULL))
);

-- `due_at` is also where a lease ends: a claimed row becomes due again when its claimer has gone.
CREATE INDEX transfer_due ON transfer (due_at) WHERE state = 'waiting';
CREATE INDEX transfer_parked ON transfer (settled_at) WHERE state = 'parked';

-- Row-level security on, with a policy that lets the service work: it keeps PostgreSQL from quoting a row in an error.
ALTER TABLE transfer ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON transfer TO :app USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON transfer TO :app;
GRANT UPDATE (state, envelope, attempts, in_doubt, due_at, lease, error, police_reference, settled_at) ON transfer TO :app;
