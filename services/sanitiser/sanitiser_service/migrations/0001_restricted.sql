-- The restricted store. Everything that says who spoke is ciphertext: identity and original for the source desk and the
-- escrow key (no running service can open it), a held submission for this service, until a person has decided.

CREATE TABLE source_record (
    source_ref     uuid        PRIMARY KEY,
    submission_ref uuid        NOT NULL UNIQUE,
    sealed         bytea       NOT NULL,
    sealed_at      timestamptz NOT NULL
);

-- `reasons` are codes and places ("left_over:narrative"), never text. `sealed` goes when a person has released it.
CREATE TABLE held (
    submission_ref uuid        PRIMARY KEY REFERENCES source_record (submission_ref),
    sealed         bytea,
    reasons        text[]      NOT NULL,
    state          text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'kept', 'released')),
    version        integer     NOT NULL DEFAULT 1,
    held_at        timestamptz NOT NULL,
    decided_at     timestamptz,
    decided_by     text,
    CHECK ((state = 'released') = (sealed IS NULL))
);
CREATE INDEX held_waiting ON held (held_at) WHERE state <> 'released';

-- Row-level security on, with a policy that lets the service work: it keeps PostgreSQL from quoting a row in an error.
ALTER TABLE source_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON source_record TO :app USING (true) WITH CHECK (true);
CREATE POLICY service ON held TO :app USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON source_record TO :app;
GRANT SELECT, INSERT ON held TO :app;
GRANT UPDATE (sealed, state, version, decided_at, decided_by) ON held TO :app;
