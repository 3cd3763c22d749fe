-- A session is proven by a key that the database has not: whoever inserts or changes a row signs nobody in. Sessions from
-- before have no proof, so everybody signs in again.
DROP TABLE session;
CREATE TABLE session (
    token_hash     bytea       PRIMARY KEY,
    person         text        NOT NULL,
    sid            text        NOT NULL,
    facts          bytea       NOT NULL,
    proof          bytea       NOT NULL,
    tokens         bytea       NOT NULL,
    opened_at      timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL,
    checking_until timestamptz
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_sid ON session (sid);

-- The names of people by their ids, from their last sign-in: a history still shows the name of a person who has left.
CREATE TABLE person (
    person    text        PRIMARY KEY,
    issuer    text        NOT NULL,
    subject   text        NOT NULL,
    name      text        NOT NULL,
    seen_at   timestamptz NOT NULL,
    UNIQUE (issuer, subject)
);

-- Forms that arrived after their session had ended, sealed with the session key to the person who typed them.
CREATE TABLE kept_form (
    kept_id  uuid        PRIMARY KEY,
    person   text        NOT NULL,
    sealed   bytea       NOT NULL,
    kept_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kept_form_person ON kept_form (person, kept_at);

ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept_form ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_app ON session TO :app USING (true) WITH CHECK (true);
CREATE POLICY person_app ON person TO :app USING (true) WITH CHECK (true);
CREATE POLICY kept_form_app ON kept_form TO :app USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON session TO :app;
GRANT UPDATE (facts, proof, tokens, seen_at, checking_until) ON session TO :app;
GRANT SELECT, INSERT ON person TO :app;
GRANT UPDATE (name, seen_at) ON person TO :app;
GRANT SELECT, INSERT, DELETE ON kept_form TO :app;
