"""What operators do with parked records: list, look at the facts, ask for another try. Content stays sealed."""

from collections.abc import Mapping
from typing import Any

import asyncpg

COLUMNS = "id, consumer, topic, partition, kafka_offset, error, attempts, state, parked_at, replayed_at"

LIST = f"SELECT {COLUMNS} FROM parked WHERE state <> 'replayed' ORDER BY id"  # noqa: S608 - constants
SHOW = f"SELECT {COLUMNS}, octet_length(sealed) AS sealed_bytes FROM parked WHERE id = $1"  # noqa: S608 - constants
REPLAY = """
WITH chosen AS (
    UPDATE parked SET state = 'replay' WHERE state = 'parked' AND ($1::bigint IS NULL OR id = $1) RETURNING id),
audited AS (INSERT INTO audit (actor, action, subject) SELECT $2, 'parked_replay_asked', id::text FROM chosen)
SELECT count(*) FROM chosen
"""


async def list_parked(dsn: str) -> list[Mapping[str, Any]]:
    """Return the facts of every record that waits for a person."""
    return await _fetch(dsn, LIST)


async def find_parked(dsn: str, parked_id: int) -> Mapping[str, Any] | None:
    """Return the facts of one record, and how long its ciphertext is."""
    rows = await _fetch(dsn, SHOW, parked_id)
    return rows[0] if rows else None


async def ask_replay(dsn: str, parked_id: int | None, *, actor: str) -> int:
    """Mark one record, or all, to be handled again by its service; return how many."""
    rows = await _fetch(dsn, REPLAY, parked_id, actor)
    return rows[0]["count"]


async def _fetch(dsn: str, sql: str, *arguments: object) -> list[Mapping[str, Any]]:
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()
