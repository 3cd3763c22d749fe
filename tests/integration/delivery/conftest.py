"""A deliverer on a database of its own."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from tests.support.delivering import Delivering
from tests.support.own_database import app_dsn_of, create_own_database


@pytest.fixture(scope="module")
async def own_dsn(stack: LocalStack) -> str:
    """Create a database for these tests: the running service must not take their replays."""
    return app_dsn_of(stack, "transfer", await create_own_database(stack, "transfer"))


@pytest.fixture
async def delivering(own_dsn: str) -> AsyncGenerator[Delivering, None]:
    async with asyncpg.create_pool(own_dsn, min_size=0, max_size=4) as pool:
        yield Delivering(pool)
