"""Work that blocks others ends: idle transactions, pruning, and a stop while the broker does not answer."""

import asyncio
import contextlib
import time
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from structlog.testing import capture_logs

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging import inbox, outbox
from pipeline_shared.messaging.relay import Relay
from pipeline_shared.runtime import db
from pipeline_shared.runtime.db import create_pool
from pipeline_shared.runtime.service import Runtime
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.settings import settings_of
from tests.support.waiting import wait_for

OLD_INBOX = """
INSERT INTO inbox (consumer, event_id, arrived_at) SELECT $1, gen_random_uuid(), now() - interval '90 days'
FROM generate_series(1, 5)
"""
OLD_OUTBOX = """
INSERT INTO outbox (event_id, topic, partition, key, value, published_at)
SELECT gen_random_uuid(), 't', 0, gen_random_uuid(), '', now() - interval '90 days' FROM generate_series(1, 5)
"""
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER refuse BEFORE DELETE ON inbox FOR EACH ROW EXECUTE FUNCTION refuse();
"""


async def test_a_transaction_that_nobody_goes_on_with_does_not_block_its_successor(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(db.DEAD_PEER_TIMEOUTS, "idle_in_transaction_session_timeout", "1s")
    event_id = uuid4()
    async with (
        create_pool(settings_of(stack, "transfer"), "transfer") as frozen,
        create_pool(settings_of(stack, "transfer"), "transfer") as pool,
    ):
        abandoned = await frozen.acquire()
        await abandoned.execute("BEGIN")
        await inbox.first_seen(abandoned, "letting-go", [event_id])
        async with asyncio.timeout(10), pool.acquire() as connection:
            assert await inbox.first_seen(connection, "letting-go", [event_id]) == {event_id}
        with contextlib.suppress(asyncpg.InterfaceError):  # the pool may already have noticed that the server ended it
            abandoned.terminate()
        await frozen.release(abandoned)


@pytest.fixture
async def own_database(stack: LocalStack) -> str:
    """Create a database for these tests: the relay of the running service would prune first."""
    return await create_own_database(stack, "transfer")


async def test_pruning_goes_in_small_steps_until_nothing_old_is_left(stack: LocalStack, own_database: str) -> None:
    connection = await asyncpg.connect(app_dsn_of(stack, "transfer", own_database))
    try:
        await connection.execute(OLD_INBOX, "pruning")
        await connection.execute(OLD_OUTBOX)
        assert [await inbox.prune(connection, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert [await outbox.prune(connection, timedelta(days=1), 2) for _ in range(4)] == [2, 2, 1, 0]
    finally:
        await connection.close()


async def test_the_relay_goes_on_when_pruning_fails(stack: LocalStack, own_database: str) -> None:
    owner = await asyncpg.connect(stack.admin_dsn(own_database))
    await owner.execute(OLD_INBOX, "pruning")
    await owner.execute(REFUSE)
    await owner.close()
    dsn = SecretStr(app_dsn_of(stack, "transfer", own_database))
    relay, stop = Relay(settings_of(stack, "transfer", database_url=dsn)), asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(relay.run(stop))

        async def has_failed() -> bool:
            return any(line["event"] == "prune_failed" for line in logs)

        try:
            await wait_for(has_failed, "a failed pruning")
        finally:
            stop.set()
            await running
    assert not [line for line in logs if line["event"] == "relay_interrupted"]


async def test_a_stop_does_not_wait_for_a_broker_that_takes_connections_and_never_answers(stack: LocalStack) -> None:
    connected = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        address = f"127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        runtime = Runtime("transfer", settings_of(stack, "transfer", kafka_bootstrap=address))
        async with runtime.lifespan(Starlette()):
            await connected.wait()
            began = time.monotonic()
        assert time.monotonic() - began < 15
