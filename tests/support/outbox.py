"""An outbox that no running service reads, with rows for it and a relay."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
from aiokafka import ConsumerRecord
from pydantic import SecretStr

from pipeline_admin.parked import OUTBOX, ParkingPlace
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.outbox import OutboxRow, partition_of
from pipeline_shared.messaging.relay import Relay
from pipeline_shared.messaging.topics import PARTITIONS
from tests.support.kafka import read_all
from tests.support.own_database import app_dsn_of, create_own_database, operator_dsn_of
from tests.support.settings import settings_of
from tests.support.waiting import wait_for

ORDINARY, URGENT, ANOTHERS = "submission.received.v1", "submission.received.high.v1", "case.decided.v1"


def a_row(topic: str = ORDINARY, *, key: UUID | None = None, size: int = 0, **changes: Any) -> OutboxRow:
    """Return a row with a value that names its event, so that a test can find it in a topic."""
    event_id, key = uuid4(), key or uuid4()
    row = OutboxRow(
        event_id, topic, partition_of(key, PARTITIONS), key, str(event_id).encode().ljust(size, b"."), topic == URGENT
    )
    return replace(row, **changes)


class Outbox:
    """An outbox that no running service reads, and a relay for it."""

    def __init__(self, stack: LocalStack, service: str, dsn: str, connection: asyncpg.Connection) -> None:
        self.stack, self.dsn, self.connection = stack, dsn, connection
        self.place = ParkingPlace(f"{service}-outbox", operator_dsn_of(stack, service, urlsplit(dsn).path[1:]), OUTBOX)
        self.new_rows = asyncio.Event()
        self.relay = Relay(settings_of(stack, service, database_url=SecretStr(dsn)), self.new_rows)

    async def add(self, *rows: OutboxRow) -> None:
        await outbox.add(self.connection, rows)

    @contextlib.asynccontextmanager
    async def relaying(self) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        running = asyncio.create_task(self.relay.run(stop))
        try:
            yield
        finally:
            stop.set()
            self.new_rows.set()  # a test may have made the relay wait for nothing else
            await running

    async def refused(self) -> dict[UUID, str]:
        """Return the rows set aside, each with its code."""
        rows = await self.connection.fetch("SELECT event_id, error FROM outbox WHERE set_aside_at IS NOT NULL")
        return {row["event_id"]: row["error"] for row in rows}

    async def until_published(self, *rows: OutboxRow, seconds: float = 30) -> None:
        query = "SELECT count(*) FROM outbox WHERE event_id = ANY($1::uuid[]) AND published_at IS NOT NULL"

        async def all_are() -> bool:
            return await self.connection.fetchval(query, [row.event_id for row in rows]) == len(rows)

        await wait_for(all_are, "rows to be published", seconds=seconds)

    async def arrived(self, topic: str) -> list[UUID]:
        """Return the events in a topic, partition by partition in order."""
        return [_event_of(record) for record in await read_all(self.stack, topic)]

    async def published_at(self, *rows: OutboxRow) -> list[float]:
        query = "SELECT extract(epoch FROM published_at)::float FROM outbox WHERE event_id = $1"
        return [await self.connection.fetchval(query, row.event_id) or float("inf") for row in rows]


def _event_of(record: ConsumerRecord[bytes, bytes]) -> UUID:
    return UUID((record.value or b"")[:36].decode())


@contextlib.asynccontextmanager
async def open_outbox(stack: LocalStack, service: str = "intake") -> AsyncGenerator[Outbox, None]:
    """Open an outbox of a service in a database of its own."""
    dsn = app_dsn_of(stack, service, await create_own_database(stack, service))
    connection = await asyncpg.connect(dsn)
    yield Outbox(stack, service, dsn, connection)
    await connection.close()
