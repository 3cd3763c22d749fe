"""Sending published events again, for a broker that has lost what it had acknowledged.

Safe because every consumer knows in its inbox what it has had: what was not lost has no second effect. An inbox
remembers for longer than any outbox keeps its rows, so nothing can be sent again that has been forgotten.
"""

from datetime import datetime

import asyncpg

# An outbox knows the hour in which it published: what was published earlier in that hour goes once more, too.
# In the order of their ids, as at first: a relay takes unpublished rows whatever their age.
RESEND = """
WITH chosen AS (
    UPDATE outbox SET published_at = NULL WHERE published_at >= date_trunc('hour', $1::timestamptz) RETURNING id
),
audited AS (INSERT INTO audit (actor, action, subject, reason) SELECT $2, 'events_resent', 'outbox', $3)
SELECT count(*) FROM chosen
"""


async def ask_resend(dsn: str, since: datetime, *, actor: str) -> int:
    """Mark what one service has published since then to be published again; return how many events that is."""
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return int(await connection.fetchval(RESEND, since, actor, f"since {since.isoformat()}") or 0)
    finally:
        await connection.close()
