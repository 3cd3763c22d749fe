-- A flag's id is made from the submission's reference: nothing else of it is needed. Code from before waits for its successor.
ALTER TABLE preview_due DROP COLUMN status_ref;
