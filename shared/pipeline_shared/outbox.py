"""The outbox: an event is published because its row was committed with the state it speaks of, and only then."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from pipeline_shared.contracts import Event
from pipeline_shared.db import Connection
from pipeline_shared.topics import TOPIC_OF


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event ready to be published, its partition already chosen from its key."""

    event_id: UUID
    topic: str
    partition: int
    key: UUID
    value: bytes
    urgent: bool = False


def partition_of(key: UUID, partitions: int) -> int:
    """Return the partition of a key: all records of one key stay in order."""
    return zlib.crc32(key.bytes) % partitions


def to_row(event: Event) -> OutboxRow:
    """Return the outbox row of an event, addressed by the topology."""
    topic = TOPIC_OF[type(event)]
    key: UUID = getattr(event, topic.key)
    value = event.model_dump_json().encode()
    return OutboxRow(event.event_id, topic.name, partition_of(key, topic.partitions), key, value, topic.urgent)


ADD = """
INSERT INTO outbox (event_id, topic, partition, key, value, urgent)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::bytea[], $6::boolean[])
"""


async def add(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Store events in the order given, in the transaction under way."""
    if rows:
        columns = [[getattr(row, name) for row in rows] for name in OutboxRow.__slots__]
        await connection.execute(ADD, *columns)


# Urgent first: a backlog never stands before somebody at risk. A topic is urgent or not as a whole, so its order stays.
WAITING = """
SELECT id, topic, partition, key, value FROM outbox WHERE published_at IS NULL ORDER BY urgent DESC, id LIMIT $1
"""


async def list_waiting(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """Return unpublished rows in the order to send. No cursor: a late commit with a low id is found like any other."""
    return await connection.fetch(WAITING, limit)


# What is sent keeps no minute: the age of what waits is all that anybody needs it for (D-S6).
MARK = """
UPDATE outbox SET published_at = date_trunc('hour', now()), created_at = date_trunc('day', created_at)
WHERE id = ANY($1::bigint[])
"""


async def mark_published(connection: Connection, ids: Sequence[int]) -> None:
    """Remember that the broker acknowledged these rows."""
    await connection.execute(MARK, ids)


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
FROM outbox WHERE published_at IS NULL
"""


async def depth(connection: Connection) -> tuple[int, float]:
    """Return how many rows wait, and the age of the oldest in seconds."""
    row = await connection.fetchrow(DEPTH)
    return (row["depth"], row["age"]) if row else (0, 0.0)
