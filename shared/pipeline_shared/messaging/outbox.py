"""The outbox: an event is published because its row was committed with the state it speaks of, and only then."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pipeline_shared.language.events import Event
from pipeline_shared.messaging.topics import TOPIC_OF
from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event ready to be published, its partition already chosen from its key.

    Rows that wait are taken lane by lane in turn; events of one key always have the same lane.
    """

    event_id: UUID
    topic: str
    partition: int
    key: UUID
    value: bytes
    urgent: bool = False
    lane: UUID | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One row that is to be published; `value` is None when it is larger than any broker takes."""

    id: int
    event_id: UUID
    topic: str
    partition: int
    key: UUID
    value: bytes | None


def partition_of(key: UUID, partitions: int) -> int:
    """Return the partition of a key: all records of one key stay in order."""
    return zlib.crc32(key.bytes) % partitions


def to_row(event: Event, lane: UUID | None = None) -> OutboxRow:
    """Return the outbox row of an event, addressed by the topology."""
    topic = TOPIC_OF[type(event)]
    key: UUID = getattr(event, topic.key)
    value = event.model_dump_json().encode()
    partition = partition_of(key, topic.partitions)
    return OutboxRow(event.event_id, topic.name, partition, key, value, topic.urgent, lane)


ADD = """
INSERT INTO outbox (event_id, topic, partition, key, value, urgent, lane)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::bytea[], $6::boolean[], $7::uuid[])
"""


async def add(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Store events in the order given, in the transaction under way."""
    if rows:
        columns = [[getattr(row, name) for row in rows] for name in OutboxRow.__slots__]
        await connection.execute(ADD, *columns)


# Urgent first; within that, every (topic, lane) that has something waiting gives a share of the batch, oldest first.
# `lanes` jumps from one lane to the next in the index (a loose index scan), so no backlog is ever counted or sorted.
# What has the key of a row that was set aside waits behind it: the order of a key holds.
# There is no cursor: a late commit with a low id is found like any other.
WAITING = """
WITH RECURSIVE lanes AS (
    (SELECT urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid) AS lane
    FROM outbox WHERE published_at IS NULL AND set_aside_at IS NULL
    ORDER BY urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid) LIMIT 1)
    UNION ALL
    SELECT next.urgent, next.topic, next.lane FROM lanes CROSS JOIN LATERAL (
        SELECT urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid) AS lane
        FROM outbox WHERE published_at IS NULL AND set_aside_at IS NULL
            AND (urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid))
                > (lanes.urgent, lanes.topic, lanes.lane)
        ORDER BY urgent, topic, coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid) LIMIT 1
    ) AS next
),
shares AS (
    SELECT urgent, topic, lane, ceil($1::numeric / count(*) OVER (PARTITION BY urgent))::bigint AS share
    FROM lanes WHERE topic <> ALL($2::text[])
),
turns AS (
    SELECT shares.urgent, head.* FROM shares CROSS JOIN LATERAL (
        SELECT id, event_id, topic, partition, key, value, row_number() OVER (ORDER BY id) AS turn
        FROM outbox AS waiting
        WHERE published_at IS NULL AND set_aside_at IS NULL AND urgent = shares.urgent AND topic = shares.topic
            AND coalesce(lane, '00000000-0000-0000-0000-000000000000'::uuid) = shares.lane
            AND NOT EXISTS (
                SELECT FROM outbox AS before WHERE before.published_at IS NULL AND before.set_aside_at IS NOT NULL
                    AND before.topic = waiting.topic AND before.key = waiting.key AND before.id < waiting.id)
        ORDER BY id LIMIT shares.share
    ) AS head
),
measured AS (
    SELECT *, sum(least(octet_length(value), $3)) OVER (
        ORDER BY urgent DESC, turn, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM turns
)
SELECT id, event_id, topic, partition, key, CASE WHEN octet_length(value) <= $3 THEN value END AS value
FROM measured WHERE coalesce(bytes_before, 0) < $4 ORDER BY urgent DESC, turn, id LIMIT $1
"""

LARGEST_VALUE = 16 * 1024 * 1024  # far above what a topic takes, far below the request on which a broker hangs up
BATCH_BYTES = 16 * 1024 * 1024  # how much of the outbox is in memory at once


async def list_waiting(connection: Connection, limit: int, *, without: Collection[str] = ()) -> list[WaitingRow]:
    """Return unpublished rows in the order to send, except those of some topics."""
    rows = await connection.fetch(WAITING, limit, list(without), LARGEST_VALUE, BATCH_BYTES)
    return [WaitingRow(*row) for row in rows]


LEFT = """
SELECT topic FROM unnest($1::text[]) AS asked (topic) WHERE EXISTS (
    SELECT FROM outbox AS waiting
    WHERE published_at IS NULL AND set_aside_at IS NULL AND waiting.topic = asked.topic
        AND NOT EXISTS (
            SELECT FROM outbox AS before WHERE before.published_at IS NULL AND before.set_aside_at IS NOT NULL
                AND before.topic = waiting.topic AND before.key = waiting.key AND before.id < waiting.id))
"""


async def topics_with_more(connection: Connection, topics: Collection[str]) -> set[str]:
    """Return those of some topics for which a row waits that may be sent."""
    return {row["topic"] for row in await connection.fetch(LEFT, list(topics))}


# What is sent keeps no minute: the age of what waits is all that anybody needs it for (D-S6).
MARK = """
UPDATE outbox SET published_at = date_trunc('hour', now()), created_at = date_trunc('day', created_at)
WHERE id = ANY($1::bigint[])
"""


async def mark_published(connection: Connection, ids: Sequence[int]) -> None:
    """Remember that the broker acknowledged these rows."""
    await connection.execute(MARK, ids)


SET_ASIDE = """
UPDATE outbox SET set_aside_at = now(), error = refused.error, attempts = attempts + 1
FROM unnest($1::bigint[], $2::text[]) AS refused (id, error) WHERE outbox.id = refused.id
"""


async def set_aside(connection: Connection, refused: Mapping[int, str]) -> None:
    """Take rows that the broker refuses out of the way until a person has them tried again; each with a code."""
    await connection.execute(SET_ASIDE, list(refused), list(refused.values()))


COUNT_SET_ASIDE = """
SELECT count(*), count(*) FILTER (WHERE urgent) FROM outbox WHERE published_at IS NULL AND set_aside_at IS NOT NULL
"""


async def count_set_aside(connection: Connection) -> tuple[int, int]:
    """Return how many rows wait for a person, and how many of them are urgent."""
    (row,) = await connection.fetch(COUNT_SET_ASIDE)
    return row[0], row[1]


# An acknowledged record can still be lost with its broker: kept a while, it can be sent again (`pipeline resend`).
PRUNE = """
WITH gone AS (
    DELETE FROM outbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM outbox WHERE published_at < now() - $1::interval LIMIT $2)) RETURNING 1)
SELECT count(*) FROM gone
"""


async def prune(connection: Connection, keep: timedelta, limit: int) -> int:
    """Remove at most `limit` rows published longer ago than `keep`; return how many."""
    return await connection.fetchval(PRUNE, keep, limit) or 0


DEPTH = """
SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS age
FROM outbox WHERE published_at IS NULL AND set_aside_at IS NULL
"""


async def depth(connection: Connection) -> tuple[int, float]:
    """Return how many rows wait to be published, and the age of the oldest in seconds."""
    row = await connection.fetchrow(DEPTH)
    return (row["depth"], row["age"]) if row else (0, 0.0)
