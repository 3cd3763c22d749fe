"""A real browser for the whole session; each test opens windows of its own."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, StorageState

from pipeline_local.stack import LocalStack
from tests.support.browser import CHROMIUM, Window, open_browser

OpenWindow = Callable[..., Awaitable[Window]]
SignedIn = dict[tuple[str, str], StorageState]


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser, None]:
    """The browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; on Debian: apt-get install chromium")
    async with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    """The cookies of who has signed in where: once is enough for most tests."""
    return {}


@pytest.fixture
async def open_window(browser: Browser, signed_in: SignedIn, pipeline: LocalStack) -> AsyncGenerator[OpenWindow, None]:
    """Open windows at the services; none may have asked elsewhere or complained when the test ends."""
    windows: list[Window] = []

    async def open_window(service: str, person: str = "", path: str = "/", *, script: bool = True) -> Window:
        cookies = signed_in.get((service, person))
        window = await Window.open(browser, pipeline.address(service), script=script, cookies=cookies)
        windows.append(window)
        if person and not cookies:
            await window.sign_in(person, path)
            signed_in[service, person] = await window.page.context.storage_state()
        else:
            await window.go(path)
        return window

    yield open_window
    for window in windows:
        await window.page.context.close()
        assert window.strangers() == []
        assert window.complaints == []
