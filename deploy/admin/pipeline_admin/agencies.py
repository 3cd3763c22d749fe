"""Partner agencies as an operator sees them: intake's own use cases, run on its database as its owner."""

import getpass
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import asyncpg

from intake_service.agencies import usecases
from intake_service.agencies.limits import Limit
from intake_service.agencies.usecases import AdministrationError, Operator
from pipeline_shared.language.restricted import Agency
from pipeline_shared.runtime.work import Work

UNHURRIED = Limit(per_minute=1_000_000, burst=1_000_000)  # for a made-up agency that sends for all of a force


@asynccontextmanager
async def administering(intake_dsn: str) -> AsyncGenerator[Work, None]:
    """Open a transaction on intake's database; it commits with its audit when the block ends."""
    connection = await asyncpg.connect(intake_dsn, timeout=5)
    try:
        async with connection.transaction():
            work = Work(connection, datetime.now(UTC), id_key=b"")  # no id is made here
            yield work
            await work.flush()
    finally:
        await connection.close()


def operator() -> Operator:
    """Return who runs this command."""
    return Operator(getpass.getuser())


async def register(intake_dsn: str, agency: Agency, hmac_key: bytes) -> str:
    """Return a made-up agency's only key in force, its earlier ones ended; it may send as much as it likes."""
    async with administering(intake_dsn) as work:
        with suppress(AdministrationError):  # it may be new
            await usecases.disable_agency(work, agency.name, operator())
        key = await usecases.add_agency(work, agency, operator(), hmac_key)
        await usecases.limit_agency(work, agency.name, UNHURRIED, operator())
    return key.text
