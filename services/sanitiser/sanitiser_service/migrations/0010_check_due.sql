-- Here only the desk has people (see 0006).
REVOKE ALL ON session FROM :app;
GRANT UPDATE (check_due) ON session TO :desk;
