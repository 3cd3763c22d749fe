-- What is flagged and not yet previewed, as it came: sealed to this service. A row goes when its preview is published.
-- `lane` tells the agencies apart whose submissions take turns; it is keyed anew at each start and leads to nobody.
CREATE TABLE preview_due (
    submission_ref uuid        PRIMARY KEY,
    status_ref     uuid        NOT NULL,
    sealed         bytea       NOT NULL,
    lane           bigint      NOT NULL,
    size           integer     NOT NULL GENERATED ALWAYS AS (octet_length(sealed)) STORED,
    listed_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX preview_due_turns ON preview_due (lane, size, listed_at);

ALTER TABLE preview_due ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON preview_due TO :app USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON preview_due TO :app;

-- Somebody may be at risk in it: it stands first on the source desk's list. Filled from the topic that it came by.
ALTER TABLE held ADD COLUMN high boolean NOT NULL DEFAULT false;
CREATE INDEX held_listed ON held (state DESC, high DESC, held_at, submission_ref) WHERE state <> 'released';
DROP INDEX held_waiting;
