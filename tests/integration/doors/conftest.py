"""One world for all doors: the stack starts once, and each person signs in once."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from tests.integration.doors.world import DATABASE, World
from tests.support.intake import add_agency, open_frontend

PROCESSES = ("provider", "intake", "sanitiser", "desk", "triage")


@pytest.fixture(scope="session")
async def world(stack: LocalStack) -> AsyncGenerator[World, None]:
    """Start the sites, with people signed in."""
    stack.start_services(PROCESSES)
    frontend = open_frontend(stack, await add_agency(stack, f"Agency {uuid4()}"))
    names = (*DATABASE.values(), "intake")
    databases = {name: await asyncpg.connect(stack.admin_dsn(name)) for name in names}
    world = World(stack, frontend, databases)
    yield world
    await world.leave()
    await frontend.session.close()
    for connection in databases.values():
        await connection.close()
