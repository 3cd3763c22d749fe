"""Two instances of intake store the same submissions at once: one waits for the other, and none is aborted."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from intake_service.submissions import store
from intake_service.submissions.domain import NewSubmission, new_receipt
from pipeline_local.stack import LocalStack
from tests.support.waiting import wait_for

Databases = dict[str, asyncpg.Connection]
WAITING = "SELECT count(*) = $2 FROM pg_stat_activity WHERE pid = ANY($1) AND wait_event_type = 'Lock'"


@pytest.fixture
async def agency_id(databases: Databases) -> UUID:
    agency_id = uuid4()
    query = "INSERT INTO agency (agency_id, name, category) VALUES ($1, $2, 'housing')"
    await databases["intake"].execute(query, agency_id, f"Rivals {agency_id}")
    return agency_id


@pytest.fixture
async def connections(stack: LocalStack) -> AsyncGenerator[list[asyncpg.Connection], None]:
    connections = [await asyncpg.connect(stack.app_dsn("intake")) for _ in range(3)]
    yield connections
    for connection in connections:
        await connection.close()


async def add(connection: asyncpg.Connection, agency_id: UUID, keys: Sequence[bytes]) -> int:
    """Store a submission under each key, in this order; return how many were new."""
    rows = [NewSubmission(uuid4(), agency_id, key, b"body", new_receipt(), uuid4()) for key in keys]
    async with connection.transaction():
        return len(await store.add_submissions(connection, rows, datetime.now(UTC)))


async def test_two_batches_with_the_same_keys_in_opposite_order_are_both_stored(
    agency_id: UUID, connections: list[asyncpg.Connection], databases: Databases
) -> None:
    """The test holds the middle key until both batches wait for it, so each batch holds the next key of the other."""
    first, second, holder = connections
    held = holder.transaction()
    await held.start()
    await store.add_submissions(
        holder, [NewSubmission(uuid4(), agency_id, b"2", b"body", new_receipt(), uuid4())], datetime.now(UTC)
    )
    batches = [
        asyncio.create_task(add(first, agency_id, [b"1", b"2", b"3"])),
        asyncio.create_task(add(second, agency_id, [b"3", b"2", b"1"])),
    ]
    pids = [connection.get_server_pid() for connection in (first, second)]

    async def both_wait() -> bool:
        return bool(await databases["intake"].fetchval(WAITING, pids, 2))

    await wait_for(both_wait, "both batches to wait")
    await held.rollback()
    assert sorted(await asyncio.gather(*batches)) == [0, 3]
