-- One row that the broker refuses must not stop the others, and one sender's backlog must not stand before another's row.
-- `lane` is whose turn a row takes (intake: the agency); rows of one key always carry the same lane.
-- `set_aside_at` marks a row that the broker refused; `error` is its code, and a person may have it tried again.

ALTER TABLE outbox
    ADD COLUMN lane         uuid,
    ADD COLUMN set_aside_at timestamptz,
    ADD COLUMN error        text,
    ADD COLUMN attempts     integer NOT NULL DEFAULT 0;

CREATE INDEX outbox_turns
    ON outbox (urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid), id)
    WHERE published_at IS NULL AND set_aside_at IS NULL;
CREATE INDEX outbox_set_aside ON outbox (topic, key, id) WHERE published_at IS NULL AND set_aside_at IS NOT NULL;
DROP INDEX outbox_next;

GRANT UPDATE (set_aside_at, error, attempts) ON outbox TO :app;
