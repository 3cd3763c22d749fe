"""One world for all doors: signing in and the stack are paid for once."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from tests.integration.doors.table import DATABASE, World
from tests.support.intake import add_agency, open_frontend


@pytest.fixture(scope="session")
async def world(pipeline: LocalStack) -> AsyncGenerator[World, None]:
    """The running sites with people at them."""
    frontend = open_frontend(pipeline, await add_agency(pipeline, f"Agency {uuid4()}"))
    names = (*DATABASE.values(), "intake")
    databases = {name: await asyncpg.connect(pipeline.admin_dsn(name)) for name in names}
    world = World(pipeline, frontend, databases)
    yield world
    await world.leave()
    await frontend.session.close()
    for connection in databases.values():
        await connection.close()
