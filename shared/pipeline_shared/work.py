"""One unit of work: one PostgreSQL transaction that holds the state, its audit and its events, or none of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import asyncpg

from pipeline_shared import audit, outbox
from pipeline_shared.contracts import Event
from pipeline_shared.db import Connection
from pipeline_shared.metrics import Metrics

# Ids of events are made from the id of their cause, so that doing a thing twice makes the same event twice.
EVENT_IDS = UUID("6d1f6f2e-3a64-4f0c-9f0e-7d1b7a8c2f55")


class Work:
    """What a use case needs of the transaction it runs in."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._events: list[outbox.OutboxRow] = []
        self._entries: list[audit.AuditEntry] = []
        self._became: list[str] = []
        self._ended: list[tuple[str, timedelta]] = []

    def publish(self, event: Event) -> None:
        """Publish an event if and when this transaction commits."""
        self._events.append(outbox.to_row(event))

    def audit(self, action: str, *, actor: str, subject: str, reason: str = "") -> None:
        """Add an entry to the audit if and when this transaction commits."""
        self._entries.append(audit.AuditEntry(actor, action, subject, reason))

    def count(self, became: str) -> None:
        """Count a submission by what became of it, one of a few words, if and when this transaction commits."""
        self._became.append(became)

    def end(self, status: str, after: timedelta) -> None:
        """Say that a submission has come to its end, so long after it was accepted, if this transaction commits."""
        self._ended.append((status, after))

    async def flush(self) -> None:
        """Write the collected audit entries and events, each set in one statement."""
        await audit.add(self.connection, self._entries)
        await outbox.add(self.connection, self._events)
        self._entries, self._events = [], []

    def report(self, metrics: Metrics) -> None:
        """Report to operations what was done, once it is committed."""
        for became in self._became:
            metrics.submissions.labels(became).inc()
        for status, after in self._ended:
            metrics.end_to_end_seconds.labels(status).observe(max(after.total_seconds(), 0))


def new_event_id(cause: UUID, output: str, n: int = 0) -> UUID:
    """Return the id of the n-th output of that name which `cause` brings about."""
    return uuid5(EVENT_IDS, f"{cause}:{output}:{n}")


@asynccontextmanager
async def begin(pool: asyncpg.Pool, metrics: Metrics | None = None) -> AsyncGenerator[Work, None]:
    """Open a transaction; commit what it collected when the block ends, nothing when it raises."""
    async with pool.acquire() as connection:
        async with connection.transaction():
            work = Work(connection, datetime.now(UTC))
            yield work
            await work.flush()
        if metrics:
            work.report(metrics)
