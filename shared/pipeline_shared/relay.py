"""The relay: the only thing that publishes. It sends committed rows in order, and marks what the broker has.

One relay works per outbox, guarded by an advisory lock on a connection of its own. Killed between send and mark, it
sends again: the next stage's inbox removes the repetition.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from pipeline_shared import inbox, outbox
from pipeline_shared.db import LET_GO, Connection
from pipeline_shared.errors import error_code
from pipeline_shared.kafka import client_options
from pipeline_shared.pause import pause
from pipeline_shared.settings import ServiceSettings

LOCK = 7_305_002
BATCH = 500
POLL_SECONDS = 0.01
RETRY_SECONDS = 1.0
PRUNE_EVERY_SECONDS, PRUNE_ON_SECONDS = 60.0, 0.2
PRUNE_BATCH = 2_000  # some milliseconds: what waits to be published never waits long for it
SEND_TIMEOUT_SECONDS = 30
STALLED_SECONDS = 5.0

_ADDRESS = itemgetter("topic", "partition")

log = structlog.get_logger()


class Relay:
    """Publishes one service's outbox until told to stop."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._keep = timedelta(hours=settings.outbox_keep_hours)
        self._beat_at = float("-inf")

    def is_working(self) -> bool:
        """Tell whether rows are being published, here or by the instance this one stands by for."""
        return time.monotonic() - self._beat_at < STALLED_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`; any failure throws the producer away and starts afresh.

        A failed batch has used up its sequence numbers, so its producer can never be trusted again.
        """
        while not stop.is_set():
            try:
                await self._relay(stop)
            except Exception as error:  # noqa: BLE001 - whatever failed, the rows are still in the outbox
                log.warning("relay_interrupted", error=error_code(error))
            await pause(stop, RETRY_SECONDS)

    async def _relay(self, stop: asyncio.Event) -> None:
        async with _connection(self._settings) as connection:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1::bigint)", LOCK):
                self._beat_at = time.monotonic()
                if await pause(stop, RETRY_SECONDS):
                    return
            async with _producer(self._settings) as producer:
                await self._drain(connection, producer, stop)

    async def _drain(self, connection: Connection, producer: AIOKafkaProducer, stop: asyncio.Event) -> None:
        prune_at = time.monotonic()
        while not stop.is_set():
            rows = await outbox.list_waiting(connection, BATCH)
            if rows:
                await _send(producer, rows)
                await outbox.mark_published(connection, [row["id"] for row in rows])
            self._beat_at = time.monotonic()
            if self._beat_at >= prune_at:
                more = await self._prune(connection)
                prune_at = time.monotonic() + (PRUNE_ON_SECONDS if more else PRUNE_EVERY_SECONDS)
            if len(rows) < BATCH:
                await pause(stop, POLL_SECONDS)

    async def _prune(self, connection: Connection) -> bool:
        """Remove a little of what nobody needs any more; return whether there is more. Publishing never fails by it."""
        try:
            published = await outbox.prune(connection, self._keep, PRUNE_BATCH)
            return PRUNE_BATCH in (published, await inbox.prune(connection, PRUNE_BATCH))
        except (asyncpg.PostgresError, TimeoutError) as error:
            log.warning("prune_failed", error=error_code(error))
            return False


@contextlib.asynccontextmanager
async def _connection(settings: ServiceSettings) -> AsyncGenerator[Connection, None]:
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(), timeout=5, command_timeout=15, server_settings=LET_GO
    )
    try:
        yield connection
    finally:
        connection.terminate()


@contextlib.asynccontextmanager
async def _producer(settings: ServiceSettings) -> AsyncGenerator[AIOKafkaProducer, None]:
    producer = AIOKafkaProducer(
        **client_options(settings),
        client_id=f"{settings.kafka_username}-relay",
        enable_idempotence=True,
        acks="all",
        max_batch_size=262_144,
        request_timeout_ms=SEND_TIMEOUT_SECONDS * 1000,
    )
    try:
        await producer.start()
        yield producer
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(producer.stop(), SEND_TIMEOUT_SECONDS)


def _batches(producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> Iterator[tuple[str, int, BatchBuilder]]:
    """Yield full batches; rows of one partition keep their order because the sort is stable."""
    for (topic, number), group in groupby(sorted(rows, key=_ADDRESS), key=_ADDRESS):
        batch = producer.create_batch()
        for row in group:
            key, value = row["key"].bytes, row["value"]
            if batch.append(key=key, value=value, timestamp=None) is None:
                yield topic, number, batch
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        yield topic, number, batch


async def _send(producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
    """Send rows and return when the broker has acknowledged all of them."""
    acknowledged = [
        await producer.send_batch(batch, topic, partition=number) for topic, number, batch in _batches(producer, rows)
    ]
    await asyncio.wait_for(asyncio.gather(*acknowledged), SEND_TIMEOUT_SECONDS)
