"""Compares what people did, in the tables of a site, with the audit: an act without an entry was done past the site."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

import asyncpg

# The audit needs no proof of an actor named `service:` or `operator:`, so an act by such an actor is a fault. An act
# without an actor may have the entry of any person, or the one that a restore makes. Acts are not filtered by time,
# because a forged row can name any time.
COMPARE = """
WITH act AS ({acts}), done AS (
    SELECT actions, actor, subject::text AS subject, sum(times) AS times, max(at) AS at FROM act
    GROUP BY actions, actor, subject HAVING sum(times) > 0)
SELECT done.actions[1] AS action, done.actor, done.subject, done.times, done.at, count(audit.id) AS entries,
    coalesce(done.actor ~* '^(service|operator):|^$', false) AS by_nobody
FROM done LEFT JOIN audit ON audit.subject = done.subject AND audit.action = ANY (done.actions)
    AND CASE WHEN done.actor IS NOT NULL THEN audit.actor = done.actor
             ELSE audit.actor !~* '^(service|operator):' OR audit.action = 'recorded_before_restore' END
GROUP BY done.actions, done.actor, done.subject, done.times, done.at
ORDER BY done.at, done.subject
"""


@dataclass(frozen=True, slots=True)
class ComparedAct:
    """What one person did to one thing, as often as its rows say; `actor` is None when they do not say who."""

    action: str
    actor: str | None
    subject: str
    times: int
    at: datetime | None
    entries: int
    by_nobody: bool

    @property
    def fault(self) -> str:
        """Return what is wrong, or an empty text."""
        if self.by_nobody:
            return "by no person"
        return f"{self.times - self.entries} without an entry" if self.entries < self.times else ""


async def compare_acts(connection: asyncpg.Connection, acts: str) -> AsyncGenerator[ComparedAct, None]:
    """Yield what people did with the number of its entries in the audit, the earliest first.

    `acts` is the service's query of acts.
    """
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(COMPARE.format(acts=acts), prefetch=1_000):
            yield ComparedAct(**row)
