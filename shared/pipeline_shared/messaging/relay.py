"""The relay: it sends committed outbox rows to Kafka in order, and marks the rows that the broker has acknowledged.

One relay works per outbox, guarded by an advisory lock on its own connection; `pipeline provision` lets no other role
take one, because whoever holds it silences the relay. A relay that is killed between sending
and marking sends the rows again; the inbox of the next service removes the repetition. Refused rows are set aside and
refused topics are paused; all other rows go on.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from datetime import timedelta

import asyncpg
import structlog

from pipeline_shared.audit import entries as audit
from pipeline_shared.messaging import inbox, outbox
from pipeline_shared.messaging.publishing import Publisher
from pipeline_shared.messaging.refusals import ClosedTopics, SendResult
from pipeline_shared.runtime.db import DEAD_PEER_TIMEOUTS, Connection
from pipeline_shared.runtime.errors import error_code
from pipeline_shared.runtime.retry import pause, spread
from pipeline_shared.runtime.settings import KafkaSettings

LOCK = 7_305_002
BATCH = 500
GATHER_SECONDS = 0.01  # under load, rows gather for this long and share a batch
POLL_SECONDS = 0.05  # finds the rows of other processes; a commit of this process wakes the relay at once
RETRY_SECONDS = 1.0
PRUNE_EVERY_SECONDS, PRUNE_ON_SECONDS = 60.0, 0.2
PRUNE_BATCH = 2_000  # takes some milliseconds, so that waiting rows are hardly delayed
STALLED_SECONDS = 5.0

log = structlog.get_logger()


class Relay:
    """Publishes one service's outbox until told to stop."""

    def __init__(self, settings: KafkaSettings, new_rows: asyncio.Event | None = None) -> None:
        """Prepare; `new_rows` is set when this process has committed rows."""
        self._settings = settings
        self._new_rows = new_rows or asyncio.Event()
        self._keep = timedelta(hours=settings.outbox_keep_hours)
        self._actor = f"service:{settings.kafka_username}"
        self._beat_at = float("-inf")
        self._blocked_by: str | None = None
        self._closed = ClosedTopics()

    @property
    def refused_topics(self) -> dict[str, str]:
        """Return the topics that the broker refuses as a whole, each with the code of its refusal."""
        return dict(self._closed.codes)

    def facts(self) -> dict[str, object]:
        """Return whether rows are being published, by this instance or the one it stands by for, and any obstacle."""
        works = time.monotonic() - self._beat_at < STALLED_SECONDS and not self._blocked_by
        refused = self.refused_topics
        return {"ok": works and not refused, "blocked_by": self._blocked_by, "refused_topics": refused}

    async def run(self, stop: asyncio.Event) -> None:
        """Run the relay until `stop`. After a failure it starts again; the rows are still in the outbox."""
        while not stop.is_set():
            try:
                await self._relay(stop)
            except Exception as error:  # noqa: BLE001 - whatever failed, it is tried again
                self._blocked_by = error_code(error)
                log.warning("relay_interrupted", error=self._blocked_by)
            await pause(stop, spread(RETRY_SECONDS))

    async def _relay(self, stop: asyncio.Event) -> None:
        async with _connection(self._settings) as connection:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1::bigint)", LOCK):
                self._beat()
                if await pause(stop, spread(RETRY_SECONDS)):
                    return
            async with Publisher(self._settings) as publisher:
                await self._drain(connection, publisher, stop)

    def _beat(self) -> None:
        self._beat_at, self._blocked_by = time.monotonic(), None

    async def _drain(self, connection: Connection, publisher: Publisher, stop: asyncio.Event) -> None:
        prune_at = time.monotonic()
        while not stop.is_set():
            self._new_rows.clear()  # before the query, so that no later commit goes unnoticed
            sent = await self._send(connection, publisher)
            self._beat()
            if self._beat_at >= prune_at:
                more = await self._prune(connection)
                prune_at = time.monotonic() + (PRUNE_ON_SECONDS if more else PRUNE_EVERY_SECONDS)
            if not sent:
                await pause(self._new_rows, POLL_SECONDS)
            elif sent < BATCH // 2:  # lanes give equal shares, so a batch may not be full while one lane has more rows
                await pause(stop, GATHER_SECONDS)

    async def _send(self, connection: Connection, publisher: Publisher) -> int:
        """Send the waiting rows once; return how many were sent."""
        now = time.monotonic()
        rows = await outbox.list_waiting(connection, BATCH, without=self._closed.resting(now))
        if absent := set(self._closed.due(now)) - {row.topic for row in rows}:  # does a refused topic still have rows?
            self._closed.open(absent - await outbox.topics_with_more(connection, absent))
        if rows:
            async with contextlib.aclosing(publisher.publish(rows, doubted={*self._closed.codes})) as results:
                async for result in results:
                    await self._store(connection, result)
        return len(rows)

    async def _store(self, connection: Connection, result: SendResult) -> None:
        if result.published:
            await outbox.mark_published(connection, result.published)
        if result.refused:
            await self._set_aside(connection, result)
        self._closed.open(result.open_topics)
        for topic, code in result.closed_topics.items():
            if topic not in self._closed.codes:
                log.error("topic_refused", topic=topic, error=code)
            self._closed.close(topic, code, time.monotonic())

    async def _set_aside(self, connection: Connection, result: SendResult) -> None:
        """Set refused rows aside, with audit, until an operator retries them."""
        entries = [
            audit.AuditEntry(None, self._actor, "outbox_set_aside", str(row.event_id), code)
            for row, code in result.refused.items()
        ]
        async with connection.transaction():
            await outbox.set_aside(connection, {row.id: code for row, code in result.refused.items()})
            await audit.add(connection, entries)
        for row, code in result.refused.items():
            log.error("outbox_row_set_aside", id=row.id, event_id=str(row.event_id), error=code)

    async def _prune(self, connection: Connection) -> bool:
        """Delete a batch of old rows; return whether more are left. A failure here does not stop publishing."""
        try:
            published = await outbox.prune(connection, self._keep, PRUNE_BATCH)
            return PRUNE_BATCH in (published, await inbox.prune(connection, PRUNE_BATCH))
        except (asyncpg.PostgresError, TimeoutError) as error:
            log.warning("prune_failed", error=error_code(error))
            return False


@contextlib.asynccontextmanager
async def _connection(settings: KafkaSettings) -> AsyncGenerator[Connection, None]:
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(),
        timeout=5,
        command_timeout=15,
        server_settings={"jit": "off", **DEAD_PEER_TIMEOUTS},
    )
    try:
        yield connection
    finally:
        connection.terminate()
