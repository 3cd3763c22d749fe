"""Opens the database of a service for an operator's command, and names the operator for the audit."""

import getpass
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from pipeline_shared.audit.entries import Operator
from pipeline_shared.runtime.work import Work

CONNECT_SECONDS = 5


def this_operator() -> Operator:
    """Return the operator: the value of ADMIN_OPERATOR, or the account's name."""
    return Operator(os.environ.get("ADMIN_OPERATOR") or getpass.getuser())


@asynccontextmanager
async def reading(dsn: str) -> AsyncGenerator[asyncpg.Connection, None]:
    """Open a connection, and close it when the block ends."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def administering(dsn: str) -> AsyncGenerator[Work, None]:
    """Open a transaction; it commits with its audit when the block ends."""
    async with reading(dsn) as connection, connection.transaction():
        work = Work(connection, datetime.now(UTC), id_key=b"")  # these use cases make no ids
        yield work
        await work.flush()
