"""The inbox: an event has its effect the first time it arrives and never again.

The inbox row is written in the transaction of the effect, so a crash keeps both or neither.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pipeline_shared.runtime.db import Connection

# Longer than a topic keeps its records plus the longest outage: the inbox must still know a record that is read again.
KEEP = timedelta(days=30)

FIRST_SEEN = """
INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
"""


async def first_seen(connection: Connection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return the ids that this consumer had not seen, and remember them."""
    rows = await connection.fetch(FIRST_SEEN, consumer, event_ids)
    return {row["event_id"] for row in rows}


PRUNE = """
WITH gone AS (
    DELETE FROM inbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox WHERE arrived_at < now() - $1::interval LIMIT $2)) RETURNING 1)
SELECT count(*) FROM gone
"""


async def prune(connection: Connection, limit: int) -> int:
    """Delete at most `limit` rows older than any record that could still arrive; return how many were deleted."""
    return await connection.fetchval(PRUNE, KEEP, limit) or 0
