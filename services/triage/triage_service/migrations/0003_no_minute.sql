-- Nothing here leads to an agency, a receipt or a minute (D-S1, D-S6): what says how far a case has come is a token that
-- only intake can open, a flag and its case are joined by an id that only the sanitiser can make, and a case keeps the
-- day it came from and its place in the queue. Code from before waits for its successor, and loses nothing.

ALTER TABLE triage_case RENAME COLUMN status_ref TO status_token;
ALTER TABLE triage_case ADD COLUMN flag_id uuid;
UPDATE triage_case SET flag_id = safety_flag.flag_id FROM safety_flag WHERE safety_flag.status_ref = status_token;
DROP INDEX triage_case_status_ref;
CREATE INDEX triage_case_flag_id ON triage_case (flag_id);
ALTER TABLE safety_flag DROP COLUMN status_ref;

ALTER TABLE triage_case ADD COLUMN queue_number bigint;
UPDATE triage_case SET queue_number = numbered.number
FROM (SELECT case_id, row_number() OVER (ORDER BY opened_at, case_id) AS number FROM triage_case) AS numbered
WHERE triage_case.case_id = numbered.case_id;
ALTER TABLE triage_case ALTER COLUMN queue_number SET NOT NULL;
ALTER TABLE triage_case ALTER COLUMN queue_number ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('triage_case', 'queue_number'), max(queue_number) + 1, false)
FROM triage_case HAVING max(queue_number) IS NOT NULL;
ALTER TABLE triage_case DROP COLUMN opened_at;
CREATE INDEX triage_case_waiting ON triage_case (priority_rank, queue_number) WHERE state = 'waiting';
CREATE INDEX triage_case_received_on ON triage_case (received_on) WHERE state = 'waiting';

-- A flag is listed, with its owner once it has one, until its case is decided; then its times are cut to the day.
ALTER TABLE safety_flag ADD COLUMN settled boolean NOT NULL DEFAULT false;
UPDATE safety_flag SET settled = true, flagged_at = date_trunc('day', flagged_at), arrived_at = date_trunc('day', arrived_at)
FROM triage_case
WHERE triage_case.flag_id = safety_flag.flag_id AND state <> 'waiting' AND acknowledged_at IS NOT NULL;
DROP INDEX safety_flag_open;
CREATE INDEX safety_flag_listed ON safety_flag ((acknowledged_at IS NOT NULL), flagged_at, flag_id) WHERE NOT settled;

GRANT UPDATE (settled, flagged_at, arrived_at) ON safety_flag TO :app;
