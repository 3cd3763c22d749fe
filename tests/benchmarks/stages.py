"""When each submission passed each stage, from the rows of the four databases; only an administrator can join them.

A stage ends where its outcome was durable *and* published: `published_at` of its outbox row, not the time at which its
transaction began. So the figures contain the stage's own work, its commit and its relay.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack

DATABASES = ("intake", "restricted", "triage", "transfer")

ACCEPTED = "SELECT submission_ref, status_ref, accepted_at FROM submission WHERE accepted_at >= $1"
SEALED = """
SELECT submission_ref, source_ref, published_at FROM source_record JOIN outbox ON key = source_ref
WHERE submission_ref = ANY($1::uuid[])
"""
OPENED = """
SELECT case_id, source_ref, status_ref, min(published_at) AS published_at
FROM triage_case JOIN outbox ON key = status_ref WHERE status_ref = ANY($1::uuid[]) GROUP BY case_id
"""
CONFIRMED = (
    "SELECT case_id, decided_at, settled_at FROM transfer WHERE case_id = ANY($1::uuid[]) AND state = 'confirmed'"
)
STATUSES = "SELECT count(*) FROM submission WHERE accepted_at >= $1 AND status = $2"


@dataclass(frozen=True, slots=True)
class Passage:
    """The times at which one submission passed the stages up to the queue, and its case."""

    case_id: UUID
    accepted_at: datetime
    sealed_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """Administrators' connections to the databases that a submission passes."""

    connections: dict[str, asyncpg.Connection]

    @classmethod
    @asynccontextmanager
    async def connect(cls, stack: LocalStack) -> AsyncGenerator[Self, None]:
        """Connect to every database."""
        async with AsyncExitStack() as exits:
            connections: dict[str, asyncpg.Connection] = {}
            for name in DATABASES:
                connections[name] = await asyncpg.connect(stack.admin_dsn(name))
                exits.push_async_callback(connections[name].close)
            yield cls(connections)

    async def passages(self, since: datetime) -> list[Passage]:
        """Return the way of every submission accepted since then that is in the queue."""
        accepted = await self.connections["intake"].fetch(ACCEPTED, since)
        by_status = {row["status_ref"]: row for row in accepted}
        refs = [row["submission_ref"] for row in accepted]
        sealed = {r["source_ref"]: r for r in await self.connections["restricted"].fetch(SEALED, refs)}
        opened = await self.connections["triage"].fetch(OPENED, list(by_status))
        return [
            Passage(
                row["case_id"],
                by_status[row["status_ref"]]["accepted_at"],
                sealed[row["source_ref"]]["published_at"],
                row["published_at"],
            )
            for row in opened
        ]

    async def transfers(self, case_ids: Sequence[UUID]) -> list[Any]:
        """Return when each of the cases was decided and when its receipt was there."""
        return await self.connections["transfer"].fetch(CONFIRMED, case_ids)

    async def count_status(self, since: datetime, status: str) -> int:
        """Return how many of the submissions accepted since then their agencies see in a status: the last hop."""
        return await self.connections["intake"].fetchval(STATUSES, since, status) or 0
