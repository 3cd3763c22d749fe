-- What every service's database holds so that a hop has exactly one effect: inbox, outbox, parked, audit; and sessions.

CREATE TABLE inbox (
    consumer   text        NOT NULL,
    event_id   uuid        NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_arrived_at ON inbox USING brin (arrived_at);

-- `id` orders the relay's work; it is not commit order, so a relay never moves a cursor past it.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL UNIQUE,
    topic        text        NOT NULL,
    partition    integer     NOT NULL,
    key          uuid        NOT NULL,
    value        bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;

-- `sealed` is the record's value under the service's parking key; `error` is a class name or code, never a message.
CREATE TABLE parked (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer    text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    kafka_offset bigint     NOT NULL,
    sealed      bytea       NOT NULL,
    error       text        NOT NULL,
    attempts    integer     NOT NULL,
    state       text        NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'replay', 'replayed')),
    parked_at   timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz,
    UNIQUE (consumer, topic, partition, kafka_offset)
);

CREATE TABLE audit (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text        NOT NULL,
    action  text        NOT NULL,
    subject text        NOT NULL,
    reason  text        NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject, id);

CREATE TABLE session (
    token_hash bytea       PRIMARY KEY,
    person     text        NOT NULL,
    roles      text[]      NOT NULL,
    csrf       text        NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);

-- The audit only grows: the service may add and read, never change or remove.
GRANT SELECT, INSERT, DELETE ON inbox TO :app;
GRANT SELECT, INSERT, DELETE ON outbox TO :app;
GRANT UPDATE (published_at) ON outbox TO :app;
GRANT SELECT, INSERT ON parked, audit TO :app;
GRANT UPDATE (state, error, attempts, replayed_at) ON parked TO :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO :app;
