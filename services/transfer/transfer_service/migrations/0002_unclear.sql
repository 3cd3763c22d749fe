-- How often a record alone stayed unclear while others arrived: bounded, so that one record is not sent for ever.

ALTER TABLE transfer ADD COLUMN unclear integer NOT NULL DEFAULT 0;
GRANT UPDATE (unclear) ON transfer TO :app;
