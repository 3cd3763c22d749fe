-- A case that waits again is in a further assessment. Intake needs its number to tell a late status from a new one.
ALTER TABLE triage_case ADD COLUMN assessment integer NOT NULL DEFAULT 1 CHECK (assessment > 0);
UPDATE triage_case SET assessment = 1 + reopened.times
FROM (SELECT case_id, count(*) AS times FROM reopening WHERE state_after = 'waiting' GROUP BY case_id) AS reopened
WHERE triage_case.case_id = reopened.case_id;

GRANT UPDATE (assessment) ON triage_case TO :app;
