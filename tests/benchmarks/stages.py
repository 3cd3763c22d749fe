"""The times at which each submission passed each stage, from the four databases. Only an administrator can join them.

A stage ends when its record was given to Kafka, so that its result is durable *and* published. The figures therefore
contain the stage's work, its commit and its relay.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from tests.support.kafka import read_all

DATABASES = ("intake", "restricted", "triage", "transfer")

ACCEPTED = "SELECT submission_ref, accepted_at FROM submission WHERE accepted_at >= $1"
SEALED = "SELECT submission_ref, source_ref FROM source_record WHERE submission_ref = ANY($1::uuid[])"
OPENED = "SELECT case_id, source_ref, status_token FROM triage_case WHERE source_ref = ANY($1::uuid[])"
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
    """An administrator's connections to the databases that a submission passes."""

    stack: LocalStack
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
            yield cls(stack, connections)

    async def passages(self, since: datetime) -> list[Passage]:
        """Return the passage of every submission that was accepted since then and is in the queue."""
        accepted = await self.connections["intake"].fetch(ACCEPTED, since)
        accepted_at = {row["submission_ref"]: row["accepted_at"] for row in accepted}
        sources = await self.connections["restricted"].fetch(SEALED, list(accepted_at))
        submission_of = {row["source_ref"]: row["submission_ref"] for row in sources}
        opened = await self.connections["triage"].fetch(OPENED, list(submission_of))
        sealed = await self._published("submission.sanitised.v1")
        told = await self._published("case.status.v1")
        return [
            Passage(
                row["case_id"],
                accepted_at[submission_of[row["source_ref"]]],
                sealed[row["source_ref"]],
                told[row["status_token"]],
            )
            for row in opened
        ]

    async def _published(self, topic: str) -> dict[UUID, datetime]:
        """Return the time at which the first record of each key was given to Kafka; the tables keep no minute of it."""
        records = await read_all(self.stack, topic)
        times = {UUID(bytes=record.key): record.timestamp for record in reversed(records) if record.key}
        return {key: datetime.fromtimestamp(time / 1000, UTC) for key, time in times.items()}

    async def transfers(self, case_ids: Sequence[UUID]) -> list[Any]:
        """Return for each case the time of its decision and the time of its receipt."""
        return await self.connections["transfer"].fetch(CONFIRMED, case_ids)

    async def count_status(self, since: datetime, status: str) -> int:
        """Return how many submissions accepted since then show this status to their agencies: the last hop."""
        return await self.connections["intake"].fetchval(STATUSES, since, status) or 0
