-- replaces: pipeline_shared/0005_no_minute.sql
-- Who is signed in. The browser holds the token, this table its hash.
CREATE TABLE session (
    token_hash bytea       PRIMARY KEY,
    person     text        NOT NULL,
    roles      text[]      NOT NULL,
    csrf       text        NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON session TO :app;
