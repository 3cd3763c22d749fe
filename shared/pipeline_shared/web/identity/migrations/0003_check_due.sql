-- When the provider ends one session of a person, it is asked about their others at the next request. Who writes another time
-- here makes a check earlier or leaves it to its 30 seconds: no session becomes longer.
ALTER TABLE session ADD COLUMN check_due timestamptz;
GRANT UPDATE (check_due) ON session TO :app;
