"""One unit of work: one PostgreSQL transaction with the state, its audit and its events, or with none of them."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from pipeline_shared.audit import entries as audit
from pipeline_shared.language.events import Event
from pipeline_shared.language.local_time import start_of_day
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.signatures import Signer
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.metrics import Metrics

DeriveId = Callable[[UUID, str], UUID]


@dataclass(frozen=True, slots=True)
class Database:
    """A service's database, its secret for deriving ids, and the key that signs its events.

    A process that derives no ids has no secret, and one that publishes nothing has no signer. `new_events` is set after
    each commit of events, to wake the relay.
    """

    pool: asyncpg.Pool
    id_key: bytes | None = None
    signer: Signer | None = None
    new_events: asyncio.Event = field(default_factory=asyncio.Event)

    def derive_id(self, cause: UUID, what: str) -> UUID:
        """Derive an id from its cause; see `derive_id`. Raises NoIdKeyError."""
        return derive_id(self.id_key, cause, what)


class NoIdKeyError(Exception):
    """A process without the secret tried to derive an id."""


class NoSignerError(Exception):
    """A process without a signing key tried to publish an event."""


def derive_id(id_key: bytes | None, cause: UUID, what: str, *, n: int = 0) -> UUID:
    """Derive an id from its cause by HMAC. The same cause always gives the same id.

    `what` names the kind of the new id, and `n` numbers several of a kind. A repeated use case therefore publishes the
    same event again. Without the service's secret, two ids cannot be linked (D-S1). Raises NoIdKeyError.
    """
    if id_key is None:
        raise NoIdKeyError
    digest = hmac.digest(id_key, cause.bytes + f"{what}:{n}".encode(), "sha256")
    return UUID(bytes=digest[:16])


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of who acts: the id of their sign-in, and what proves an entry in the audit."""

    sign_in: str
    prove: Callable[[audit.AuditEntry], str]

    def on(self, entry: audit.AuditEntry) -> audit.AuditEntry:
        """Return an entry with its proof."""
        signed = replace(entry, sign_in=self.sign_in)
        return replace(signed, proof=self.prove(signed))


class Work:
    """The parts of a transaction that a use case needs."""

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        id_key: bytes | None = None,
        *,
        signer: Signer | None = None,
        by: Proof | None = None,
    ) -> None:
        """Prepare; `by` is the proof of the person who acts, for the audit."""
        self.connection = connection
        self.now = now
        self._by = by
        self._id_key = id_key
        self._signer = signer
        self._events: list[outbox.OutboxRow] = []
        self._entries: list[audit.AuditEntry] = []
        self._became: list[str] = []
        self._ended: list[tuple[str, timedelta]] = []
        self.has_published = False

    def publish(self, event: Event, *, lane: UUID | None = None) -> None:
        """Sign and publish an event if this transaction commits; lanes of a backlog take turns."""
        self._events.append(outbox.to_row(event, lane))
        self.has_published = True

    def derive_id(self, cause: UUID, what: str, n: int = 0) -> UUID:
        """Derive an id from its cause; see `derive_id`. Raises NoIdKeyError."""
        return derive_id(self._id_key, cause, what, n=n)

    def audit(self, action: str, *, actor: str, subject: str, reason: str = "", day_only: bool = False) -> None:
        """Add an entry to the audit if this transaction commits.

        `day_only` keeps only the day: for acts of a service when a submission arrives (D-S6).
        """
        at = start_of_day(self.now) if day_only else None
        entry = audit.AuditEntry(at, actor, action, subject, reason)
        self._entries.append(self._by.on(entry) if self._by else entry)

    def count(self, became: str) -> None:
        """Count a submission under its result, one of a few words, if this transaction commits."""
        self._became.append(became)

    def end(self, status: str, after: timedelta) -> None:
        """Report the end of a submission and its age since acceptance, if this transaction commits."""
        self._ended.append((status, after))

    async def flush(self) -> None:
        """Write the collected audit entries and events, each kind in one statement. Raises NoSignerError."""
        await audit.add(self.connection, self._entries)
        await outbox.add(self.connection, await self._signed())
        self._entries, self._events = [], []

    async def _signed(self) -> list[outbox.OutboxRow]:
        """Return the events with their signatures, made in a thread: 500 would hold up the event loop for 15 ms."""
        if not self._events:
            return []
        if self._signer is None:
            raise NoSignerError
        return await asyncio.to_thread(self._signer.sign_all, self._events)

    def report(self, metrics: Metrics) -> None:
        """Report the committed work to operations."""
        for became in self._became:
            metrics.submissions.labels(became).inc()
        for status, after in self._ended:
            metrics.end_to_end_seconds.labels(status).observe(max(after.total_seconds(), 0))


@asynccontextmanager
async def begin(
    database: Database, metrics: Metrics | None = None, *, by: Proof | None = None
) -> AsyncGenerator[Work, None]:
    """Open a transaction; commit everything it collected when the block ends, and nothing when it raises."""
    async with database.pool.acquire() as connection:
        async with connection.transaction():
            work = Work(connection, datetime.now(UTC), database.id_key, signer=database.signer, by=by)
            yield work
            await work.flush()
        if work.has_published:
            database.new_events.set()
        if metrics:
            work.report(metrics)
