"""A real browser for the whole session; each test opens its own windows."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, StorageState

from pipeline_local.certificates import load_authority
from pipeline_local.stack import LocalStack
from tests.support.browser import CHROMIUM, Window, open_browser

OpenWindow = Callable[..., Awaitable[Window]]
SignedIn = dict[tuple[str, str], StorageState]


@pytest.fixture(scope="session")
async def browser(stack: LocalStack) -> AsyncGenerator[Browser, None]:
    """Open the browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; on Debian: apt-get install chromium")
    async with open_browser(load_authority(stack.home).certificate) as browser:
        yield browser


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    """Keep the cookies of signed-in people: most tests need only one sign-in."""
    return {}


@pytest.fixture
async def open_window(browser: Browser, signed_in: SignedIn, pipeline: LocalStack) -> AsyncGenerator[OpenWindow, None]:
    """Open windows at the services; fail if one loaded anything from elsewhere or reported an error."""
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
        assert window.strangers(f"{pipeline.address('provider')}/") == []
        assert window.complaints == []
