-- This service has no pages: a database from before may hold a table of sessions that nothing used.
DROP TABLE IF EXISTS session;
