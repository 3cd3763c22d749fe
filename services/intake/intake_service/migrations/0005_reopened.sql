-- The number of the assessment that the status belongs to: one more each time that the case was reopened. A status of an
-- earlier assessment that arrives late changes nothing.
ALTER TABLE submission ADD COLUMN assessment integer NOT NULL DEFAULT 1;

GRANT UPDATE (assessment) ON submission TO :app;
