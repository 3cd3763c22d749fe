"""The triage service on its database of the stack, and people who sign in there."""

from collections.abc import AsyncGenerator

import asyncpg
import httpx
import pytest

from pipeline_local.stack import LocalStack
from tests.support.triage import SignIn, csrf, site_of


@pytest.fixture
async def pool(stack: LocalStack) -> AsyncGenerator[asyncpg.Pool, None]:
    async with asyncpg.create_pool(stack.app_dsn("triage"), min_size=0, max_size=4) as pool:
        yield pool


@pytest.fixture
async def sign_in(pool: asyncpg.Pool) -> AsyncGenerator[SignIn, None]:
    app = site_of(pool)
    browsers: list[httpx.AsyncClient] = []

    async def sign_in(person: str) -> httpx.AsyncClient:
        browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://triage.example")
        browsers.append(browser)
        page = await browser.get("/sign-in")
        answer = await browser.post("/sign-in", data={"person": f"demo:{person}", "csrf": csrf(page)})
        assert answer.status_code == 303
        return browser

    yield sign_in
    for browser in browsers:
        await browser.aclose()
