-- What concerns somebody at risk is relayed before everything else that waits.

ALTER TABLE outbox ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX outbox_next ON outbox (urgent DESC, id) WHERE published_at IS NULL;
DROP INDEX outbox_waiting;
