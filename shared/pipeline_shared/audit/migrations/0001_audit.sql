-- replaces: pipeline_shared/0005_no_minute.sql
-- The audit only grows: the service may add and read, never change or remove (D-L1).
CREATE TABLE audit (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text        NOT NULL,
    action  text        NOT NULL,
    subject text        NOT NULL,
    reason  text        NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject, id);

GRANT SELECT, INSERT ON audit TO :app;
