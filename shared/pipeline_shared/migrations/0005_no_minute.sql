-- No table tells the minute in which a submission came (D-S6): the inbox keeps the day, and an event that is published
-- keeps the day it was made and the hour it was sent. While it waits its age is exact: operations are called by it.

ALTER TABLE inbox ALTER COLUMN arrived_at SET DEFAULT date_trunc('day', now());
UPDATE inbox SET arrived_at = date_trunc('day', arrived_at);
UPDATE outbox SET created_at = date_trunc('day', created_at), published_at = date_trunc('hour', published_at)
WHERE published_at IS NOT NULL;

GRANT UPDATE (created_at) ON outbox TO :app;
