"""Sign-in at a real Keycloak, as docker-compose.yml runs it: at both desks, afresh, taken away, ended, and by device.

It runs only with PIPELINE_TEST_STACK=containers, which promises Docker and the official images.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path

import pytest
from cryptography import x509
from playwright.async_api import Browser, Error
from playwright.async_api import TimeoutError as TooLateError

from pipeline_admin.operator.device import DeviceProvider
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_simulators.provider.people import GROUPS
from tests.support.browser import CHROMIUM, Window, open_browser
from tests.support.compose import ComposeProject
from tests.support.keycloak import REALM, Administration, enter_password
from tests.support.waiting import wait_for

pytestmark = pytest.mark.skipif(
    os.environ.get("PIPELINE_TEST_STACK") != "containers", reason="needs Docker: PIPELINE_TEST_STACK=containers"
)

ROLE_COUNTS_SECONDS = 60
NETWORK_CHANGES = 5
LAST_CHECK = "SELECT max(convert_from(facts, 'UTF8')::json ->> 'checked_at') FROM session"
LISTS = {
    "triage": ("officer-1", "pip-triage-officer", "/queue"),
    "desk": ("desk-1", "pip-source-desk-officer", "/held"),
}
OpenWindow = Callable[[str], Awaitable[Window]]


@pytest.fixture(scope="module")
def project() -> Generator[ComposeProject, None, None]:
    project = ComposeProject("pipeline-keycloak")
    try:
        project.run("up", "--detach", "--build", "--wait", "triage", "desk", "provider", seconds=900)
        yield project
    finally:
        project.down()


@pytest.fixture
async def browser(project: ComposeProject) -> AsyncGenerator[Browser, None]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; on Debian: apt-get install chromium")
    async with open_browser(x509.load_pem_x509_certificate(project.authority().encode())) as browser:
        yield browser


@pytest.fixture
async def open_window(project: ComposeProject, browser: Browser) -> AsyncGenerator[OpenWindow, None]:
    """Open windows at a desk; fail if one loaded anything from elsewhere than the desk and the provider."""
    windows: list[Window] = []

    async def open_window(service: str) -> Window:
        window = await Window.open(browser, project.address(service), script=True)
        window.page.set_default_timeout(60_000)
        windows.append(window)
        return window

    yield open_window
    for window in windows:
        await window.page.context.close()
        assert window.strangers(project.address("provider")) == []


@pytest.fixture
async def administration(project: ComposeProject) -> AsyncGenerator[Administration, None]:
    async with Administration.open(project.address("provider"), project.tls()) as administration:
        yield administration


async def go(window: Window, path: str) -> int:
    """Go to a page; again while Docker changes this machine's networks, because Chromium drops what it loads then."""
    for _ in range(NETWORK_CHANGES):
        try:
            return await window.go(path)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise
    return await window.go(path)


async def sign_in(window: Window, person: str, path: str) -> int:
    """Go to a page and sign in on the way; return the status of what is shown then."""
    await go(window, path)
    with contextlib.suppress(TooLateError):  # the networks changed, or the page is shown already
        await enter_password(window, person)
        await window.page.wait_for_url(f"{window.site}/**", timeout=15_000)
    if await is_at_the_provider(window, path):
        await enter_password(window, person)
        await window.page.wait_for_url(f"{window.site}/**")
    return await go(window, path)


async def is_at_the_provider(window: Window, path: str) -> bool:
    """Go to a page; tell whether Keycloak asks for a password."""
    await go(window, path)
    return await window.page.locator("#password").count() == 1


@pytest.mark.parametrize("service", LISTS)
async def test_a_person_signs_in_with_a_password_works_and_signs_out(open_window: OpenWindow, service: str) -> None:
    person, _, path = LISTS[service]
    window = await open_window(service)
    assert await sign_in(window, person, path) == 200
    assert await window.press("Sign out") == 303
    await window.page.wait_for_url(f"{window.site}/signed-out")
    assert await is_at_the_provider(window, path)


async def test_who_has_no_group_sees_whom_to_ask(open_window: OpenWindow) -> None:
    window = await open_window("triage")
    assert await sign_in(window, "nobody-1", "/queue") == 403


async def test_a_step_up_asks_for_the_password_again_and_comes_back(open_window: OpenWindow) -> None:
    window = await open_window("triage")
    assert await sign_in(window, "officer-1", "/queue") == 200
    assert await is_at_the_provider(window, "/sign-in?step-up&next=/about-me")
    await window.page.locator("#password").fill("wrong")
    await window.page.locator("#kc-login").click()
    assert await window.page.locator("#password").count() == 1
    await window.page.locator("#password").fill("demonstration-only")
    await window.page.locator("#kc-login").click()
    await window.page.wait_for_url(f"{window.site}/about-me")
    assert await go(window, "/queue") == 200


@pytest.mark.parametrize("service", LISTS)
async def test_attack_48_a_group_taken_away_counts_within_a_minute(
    open_window: OpenWindow, administration: Administration, service: str
) -> None:
    person, group, path = LISTS[service]
    window = await open_window(service)
    assert await sign_in(window, person, path) == 200
    await administration.set_member(person, group, member=False)
    try:

        async def is_refused() -> bool:
            return await go(window, path) == 403

        await wait_for(is_refused, "the loss of the role", seconds=ROLE_COUNTS_SECONDS)
    finally:
        await administration.set_member(person, group, member=True)


async def test_attack_48_an_account_that_is_disabled_is_out_within_a_minute(
    open_window: OpenWindow, administration: Administration
) -> None:
    window = await open_window("triage")
    assert await sign_in(window, "officer-2", "/queue") == 200
    await administration.set_enabled("officer-2", enabled=False)
    try:

        async def is_out() -> bool:
            await go(window, "/queue")
            return not window.page.url.startswith(window.site)

        await wait_for(is_out, "the end of the session", seconds=ROLE_COUNTS_SECONDS)
    finally:
        await administration.set_enabled("officer-2", enabled=True)


@pytest.mark.parametrize("service", LISTS)
async def test_a_session_that_the_provider_ends_is_over_at_the_next_request(
    open_window: OpenWindow, administration: Administration, service: str
) -> None:
    """Only one session: of several, Keycloak tells of one, and the others end at their next check."""
    person, _, path = LISTS[service]
    await administration.sign_out(person)
    window = await open_window(service)
    assert await sign_in(window, person, path) == 200
    await administration.sign_out(person)
    assert await is_at_the_provider(window, path)


async def test_who_works_for_longer_than_a_check_stays_signed_in(
    project: ComposeProject, open_window: OpenWindow
) -> None:
    window = await open_window("triage")
    assert await sign_in(window, "officer-1", "/queue") == 200
    checks = {await asyncio.to_thread(project.query, "triage", LAST_CHECK)}

    async def are_two_more() -> bool:
        assert await go(window, "/queue") == 200
        assert window.page.url == f"{window.site}/queue"
        checks.add(await asyncio.to_thread(project.query, "triage", LAST_CHECK))
        return len(checks) == 3

    await wait_for(are_two_more, "two checks", seconds=120, every=1)


async def test_an_operator_proves_who_they_are_by_approving_a_code(
    project: ComposeProject, open_window: OpenWindow, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text(project.authority())
    issuer = project.address("provider") + REALM
    settings = IdentitySettings(issuer=issuer, ca_file=tmp_path / "ca.pem", roles_claim="groups", roles=GROUPS)
    provider = await asyncio.to_thread(DeviceProvider.find, settings)
    code = await asyncio.to_thread(provider.start)
    window = await open_window("triage")
    await window.page.goto(code.verification_uri_complete or "")
    await enter_password(window, "agencies-1")
    await window.page.locator("#kc-login[name=accept]").click()
    tokens = await asyncio.to_thread(provider.wait, code)
    identity = await asyncio.to_thread(provider.read, tokens)
    assert identity.name == "Drew Pellbrook"
    assert identity.groups == {"pip-agency-administrator"}
    assert identity.auth_time > 0
    again = await asyncio.to_thread(provider.refresh, tokens.refresh_token)
    assert (await asyncio.to_thread(provider.read, again)).subject == identity.subject


async def test_an_operator_gives_commands_in_containers_after_approving_the_code(project: ComposeProject) -> None:
    await project.sign_in("operations-1")
    assert {"intake", "triage"} <= set(await asyncio.to_thread(project.status))
