"""A stolen desk role cannot silence the relay: it takes no lock that the relay or a migration waits for."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF, SERVICE_PROCESSES, Process
from pipeline_shared.messaging.relay import LOCK
from pipeline_shared.runtime.migrations import MIGRATION_LOCK

ADVISORY = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE proname ~ 'advisory.*_lock' AND has_function_privilege($1::text, oid, 'EXECUTE')
"""
TAKES = (
    "pg_advisory_lock({})",
    "pg_advisory_lock_shared({})",
    "pg_advisory_xact_lock({})",
    "pg_advisory_xact_lock_shared({})",
    "pg_try_advisory_lock({})",
    "pg_try_advisory_lock_shared({})",
    "pg_try_advisory_xact_lock({})",
    "pg_try_advisory_xact_lock_shared({})",
    "pg_try_advisory_lock(0, {})",
    "pg_advisory_lock(0, {})",
)


@pytest.fixture
async def desk(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    connection = await asyncpg.connect(stack.app_dsn("desk"))
    yield connection
    await connection.close()


@pytest.mark.parametrize("key", [LOCK, MIGRATION_LOCK], ids=["the relay's", "that of migrations"])
@pytest.mark.parametrize("call", TAKES)
async def test_the_desks_role_takes_no_lock_of_others_by_any_function(
    desk: asyncpg.Connection, call: str, key: int
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await desk.execute(f"SELECT {call.format(key)}")


@pytest.mark.parametrize("process", SERVICE_PROCESSES, ids=lambda process: process.name)
async def test_a_role_takes_advisory_locks_only_if_its_process_has_a_relay(stack: LocalStack, process: Process) -> None:
    admin = await asyncpg.connect(stack.admin_dsn(DATABASE_OF[process.service or ""]))
    granted = [row[0] for row in await admin.fetch(ADVISORY, process.database_role)]
    await admin.close()
    assert sorted(granted) == (["pg_try_advisory_lock(bigint)"] if process.kafka_user else [])


@pytest.mark.parametrize("table", ["outbox", "held", "audit", "inbox", "parked", "source_record", "preview_due"])
async def test_the_desks_role_locks_no_table_against_the_worker(desk: asyncpg.Connection, table: str) -> None:
    async with desk.transaction():
        for mode in ("ROW EXCLUSIVE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with desk.transaction():
                    await desk.execute(f'LOCK TABLE "{table}" IN {mode} MODE NOWAIT')


@pytest.mark.parametrize("table", ["outbox", "audit", "inbox", "parked", "source_record", "preview_due"])
async def test_the_desks_role_locks_no_row_that_the_worker_changes(desk: asyncpg.Connection, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await desk.execute(f'SELECT 1 FROM "{table}" FOR KEY SHARE')  # noqa: S608 - names from the list above
