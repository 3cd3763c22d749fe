"""The triage service on its database of the stack, and people who sign in there."""

from collections.abc import AsyncGenerator

import asyncpg
import httpx
import pytest

from pipeline_local.stack import LocalStack
from tests.support.triage import SignIn, pages_settings, site_of
from tests.support.visitor import Visitor


@pytest.fixture
async def pool(stack: LocalStack) -> AsyncGenerator[asyncpg.Pool, None]:
    async with asyncpg.create_pool(stack.app_dsn("triage"), min_size=0, max_size=4) as pool:
        yield pool


@pytest.fixture
async def sign_in(provider: LocalStack, pool: asyncpg.Pool) -> AsyncGenerator[SignIn, None]:
    transport = httpx.ASGITransport(app=site_of(pool, pages_settings(provider)))
    browsers: list[Visitor] = []

    async def sign_in(person: str) -> Visitor:
        browser = await Visitor.enter(provider.address("triage"), person, transport)
        browsers.append(browser)
        return browser

    yield sign_in
    for browser in browsers:
        await browser.leave()


@pytest.fixture
async def admin(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    """Connect as an administrator: the role of triage may not even change these columns."""
    connection = await asyncpg.connect(stack.admin_dsn("triage"))
    yield connection
    await connection.close()
