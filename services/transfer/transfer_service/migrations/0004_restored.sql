-- After a restore the ledger is older than the police system's: what was decided before it is looked up before it is created.
CREATE TABLE restored (at timestamptz PRIMARY KEY DEFAULT now());

GRANT SELECT ON restored TO :app;
