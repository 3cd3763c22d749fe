-- A flag of the level NOW rings and has a clock; one of the level SOON stands below it, above every ordinary case. Flags and
-- cases from before, and from code of before that is still running, are NOW if the safety screen gave a reason.
ALTER TABLE safety_flag
    ADD COLUMN level text NOT NULL DEFAULT 'now' CHECK (level IN ('now', 'soon')),
    ADD COLUMN model text NOT NULL DEFAULT '';
DROP INDEX safety_flag_listed;
CREATE INDEX safety_flag_listed ON safety_flag ((level = 'soon'), (acknowledged_at IS NOT NULL), flagged_at, flag_id)
    WHERE NOT settled;

ALTER TABLE triage_case ADD COLUMN level text NOT NULL GENERATED ALWAYS AS (
    coalesce(recommendation ->> 'level',
        CASE WHEN jsonb_array_length(coalesce(recommendation -> 'raised_by', '[]')) > 0 THEN 'now' ELSE 'ordinary' END)) STORED;
DROP INDEX triage_case_waiting;
CREATE INDEX triage_case_waiting
    ON triage_case ((CASE level WHEN 'now' THEN 1 WHEN 'soon' THEN 2 ELSE 3 END), priority_rank, queue_number)
    WHERE state = 'waiting';
