-- What an officer should see soon stands behind what rings now, and before the rest: in the list of due previews and in the
-- source desk's. Rows from before, and from code of before that is still running, are NOW (`high` without `soon`).
ALTER TABLE preview_due ADD COLUMN level text NOT NULL DEFAULT 'now' CHECK (level IN ('now', 'soon'));
DROP INDEX preview_due_turns;
CREATE INDEX preview_due_turns ON preview_due (level, lane, size, listed_at);

ALTER TABLE held ADD COLUMN soon boolean NOT NULL DEFAULT false CHECK (high OR NOT soon);
GRANT INSERT (soon) ON held TO :app;
DROP INDEX held_listed;
CREATE INDEX held_listed ON held (state DESC, high DESC, soon, held_at, submission_ref) WHERE state <> 'released';
