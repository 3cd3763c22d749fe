"""The outbox: an event is published if and only if the transaction of its change was committed."""

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
    """One event to publish. The partition is already chosen from its Kafka key.

    Lanes take turns when rows are sent. All events of one Kafka key have the same lane. `signer` is the id of the key
    that made `signature`.
    """

    event_id: UUID
    topic: str
    partition: int
    key: UUID
    value: bytes
    urgent: bool = False
    lane: UUID | None = None
    signer: str | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One row to publish. `value` is None when it is larger than any broker accepts."""

    id: int
    event_id: UUID
    topic: str
    partition: int
    key: UUID
    value: bytes | None
    signer: str | None = None
    signature: bytes | None = None


def partition_of(key: UUID, partitions: int) -> int:
    """Return the partition of a Kafka key, so that all records of one key stay in order."""
    return zlib.crc32(key.bytes) % partitions


def to_row(event: Event, lane: UUID | None = None) -> OutboxRow:
    """Return the outbox row of an event, addressed by the topology and not yet signed."""
    topic = TOPIC_OF[type(event)]
    key: UUID = getattr(event, topic.key)
    value = event.model_dump_json().encode()
    partition = partition_of(key, topic.partitions)
    return OutboxRow(event.event_id, topic.name, partition, key, value, topic.urgent, lane)


ADD = """
INSERT INTO outbox (event_id, topic, partition, key, value, urgent, lane, signer, signature)
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::bytea[], $6::boolean[], $7::uuid[], $8::text[], $9::bytea[])
"""


async def add(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Store events in the given order, within the current transaction."""
    if rows:
        columns = [[getattr(row, name) for row in rows] for name in OutboxRow.__slots__]
        await connection.execute(ADD, *columns)


# Urgent rows come first. Within each urgency, every (topic, lane) with waiting rows gives a share of the batch, oldest
# row first. `lanes` jumps from lane to lane in the index (a loose index scan), so the query never counts or sorts a
# backlog. Rows behind a set-aside row of the same Kafka key wait, which keeps the key's order. There is no cursor, so a
# row with a low id that commits late is found as well.
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
        SELECT id, event_id, topic, partition, key, value, signer, signature, row_number() OVER (ORDER BY id) AS turn
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
SELECT id, event_id, topic, partition, key, CASE WHEN octet_length(value) <= $3 THEN value END AS value,
    signer, signature
FROM measured WHERE coalesce(bytes_before, 0) < $4 ORDER BY urgent DESC, turn, id LIMIT $1
"""

LARGEST_VALUE = 16 * 1024 * 1024  # above any topic's limit, below the size at which a broker closes the connection
BATCH_BYTES = 16 * 1024 * 1024  # the part of the outbox that is in memory at once


async def list_waiting(connection: Connection, limit: int, *, without: Collection[str] = ()) -> list[WaitingRow]:
    """Return unpublished rows in sending order, except those of some topics."""
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
    """Return the topics, of those given, that have a row ready to send."""
    return {row["topic"] for row in await connection.fetch(LEFT, list(topics))}


# A published row keeps no minute: only the age of waiting rows is needed (D-S6).
MARK = """
UPDATE outbox SET published_at = date_trunc('hour', now()), created_at = date_trunc('day', created_at)
WHERE id = ANY($1::bigint[])
"""


async def mark_published(connection: Connection, ids: Sequence[int]) -> None:
    """Mark rows as acknowledged by the broker."""
    await connection.execute(MARK, ids)


SET_ASIDE = """
UPDATE outbox SET set_aside_at = now(), error = refused.error, attempts = attempts + 1
FROM unnest($1::bigint[], $2::text[]) AS refused (id, error) WHERE outbox.id = refused.id
"""


async def set_aside(connection: Connection, refused: Mapping[int, str]) -> None:
    """Set aside rows that the broker refused, each with its code, until an operator retries them."""
    await connection.execute(SET_ASIDE, list(refused), list(refused.values()))


COUNT_SET_ASIDE = """
SELECT count(*), count(*) FILTER (WHERE urgent) FROM outbox WHERE published_at IS NULL AND set_aside_at IS NOT NULL
"""


async def count_set_aside(connection: Connection) -> tuple[int, int]:
    """Return how many rows are set aside, and how many of them are urgent."""
    (row,) = await connection.fetch(COUNT_SET_ASIDE)
    return row[0], row[1]


# A broker can lose a record that it acknowledged. Published rows are kept for a while, so that `pipeline resend` can
# send them again.
PRUNE = """
WITH gone AS (
    DELETE FROM outbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM outbox WHERE published_at < now() - $1::interval LIMIT $2)) RETURNING 1)
SELECT count(*) FROM gone
"""


async def prune(connection: Connection, keep: timedelta, limit: int) -> int:
    """Delete at most `limit` rows that were published longer ago than `keep`; return how many."""
    return await connection.fetchval(PRUNE, keep, limit) or 0


DEPTH = """
SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS age
FROM outbox WHERE published_at IS NULL AND set_aside_at IS NULL
"""


async def depth(connection: Connection) -> tuple[int, float]:
    """Return how many rows wait to be published, and the age of the oldest in seconds."""
    row = await connection.fetchrow(DEPTH)
    return (row["depth"], row["age"]) if row else (0, 0.0)
