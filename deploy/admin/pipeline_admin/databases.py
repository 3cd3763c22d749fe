"""Opens the database of a service for an operator's command, and names the operator in its audit."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from pipeline_shared.audit import entries as audit
from pipeline_shared.audit.entries import Operator
from pipeline_shared.runtime.work import Proof, Work

CONNECT_SECONDS = 5


@asynccontextmanager
async def reading(dsn: str) -> AsyncGenerator[asyncpg.Connection, None]:
    """Open a connection, and close it when the block ends."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def administering(dsn: str, operator: Operator) -> AsyncGenerator[Work, None]:
    """Open a transaction; it commits with its audit, and with what proved the operator, when the block ends."""
    async with reading(dsn) as connection, connection.transaction():
        by = Proof(operator.sign_in, lambda _entry: "")  # the database's role for operators enters no other actor
        work = Work(connection, datetime.now(UTC), id_key=b"", by=by)  # these use cases make no ids
        await audit.add(connection, audit.proof_of(operator))
        yield work
        await work.flush()


async def note_reading(dsn: str, operator: Operator, action: str, *, subject: str, count: int, what: str) -> None:
    """Enter in the audit that an operator reads records or data of people; show them only afterwards (D-L1)."""
    async with administering(dsn, operator) as work:
        work.audit(action, actor=operator.actor, subject=subject, reason=f"{count} {what}")
