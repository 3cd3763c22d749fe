"""How a test stops a process at exactly one point: a lock holds it, and then it is killed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from pipeline_local.stack import LocalStack
from tests.support.waiting import wait_for

END_BLOCKED = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'"
)


@asynccontextmanager
async def locked(stack: LocalStack, database: str, statement: str) -> AsyncGenerator[None, None]:
    """Hold a lock as an administrator."""
    connection = await asyncpg.connect(stack.admin_dsn(database))
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield
    finally:
        await connection.close()


async def until_blocked(connection: asyncpg.Connection, role: str, query: str) -> None:
    """Return when a service waits for a lock in a statement that contains `query`."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock' AND query ~ $2"

    async def is_blocked() -> bool:
        return bool(await connection.fetchval(waiting, role, query))

    await wait_for(is_blocked, f"{role} at a lock")


async def until_dead(stack: LocalStack, name: str) -> None:
    stack.kill(name)

    async def is_dead() -> bool:
        return stack.processes.pid(name) is None

    await wait_for(is_dead, f"the end of {name}")
