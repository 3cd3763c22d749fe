-- replaces: pipeline_shared/0005_no_minute.sql
-- What a database holds so that a hop has exactly one effect: inbox, outbox, parked.

-- No table tells the minute in which a submission came (D-S6): the inbox keeps the day.
CREATE TABLE inbox (
    consumer   text        NOT NULL,
    event_id   uuid        NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT date_trunc('day', now()),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_arrived_at ON inbox USING brin (arrived_at);

-- `id` orders the relay's work; it is not commit order, so a relay never moves a cursor past it.
-- `urgent` rows are relayed before everything else that waits: they concern somebody at risk.
-- `lane` is whose turn a row takes (intake: the agency); rows of one key always carry the same lane.
-- `set_aside_at` marks a row that the broker refused; `error` is its code, and a person may have it tried again.
-- While a row waits its age is exact, as operations are called by it; once published it keeps the day and the hour.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL UNIQUE,
    topic        text        NOT NULL,
    partition    integer     NOT NULL,
    key          uuid        NOT NULL,
    value        bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    urgent       boolean     NOT NULL DEFAULT false,
    lane         uuid,
    set_aside_at timestamptz,
    error        text,
    attempts     integer     NOT NULL DEFAULT 0
);
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX outbox_turns
    ON outbox (urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid), id)
    WHERE published_at IS NULL AND set_aside_at IS NULL;
CREATE INDEX outbox_set_aside ON outbox (topic, key, id) WHERE published_at IS NULL AND set_aside_at IS NOT NULL;

-- `sealed` is the record's value under the service's parking key; `error` is a class name or code, never a message.
-- A place in a topic is not for ever: a topic made again, or a broker that has lost its disk, counts from 0 once more.
-- So a parked record is known by its place and a keyed digest of its value; rows from before have no digest.
CREATE TABLE parked (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer     text        NOT NULL,
    topic        text        NOT NULL,
    partition    integer     NOT NULL,
    kafka_offset bigint      NOT NULL,
    sealed       bytea       NOT NULL,
    error        text        NOT NULL,
    attempts     integer     NOT NULL,
    state        text        NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'replay', 'replayed')),
    parked_at    timestamptz NOT NULL DEFAULT now(),
    replayed_at  timestamptz,
    digest       bytea
);
CREATE UNIQUE INDEX parked_record ON parked (consumer, topic, partition, kafka_offset, digest);

GRANT SELECT, INSERT, DELETE ON inbox TO :app;
GRANT SELECT, INSERT, DELETE ON outbox TO :app;
GRANT UPDATE (published_at, created_at, set_aside_at, error, attempts) ON outbox TO :app;
GRANT SELECT, INSERT ON parked TO :app;
GRANT UPDATE (state, error, attempts, replayed_at) ON parked TO :app;
