"""Keycloak, of docker-compose.yml or of the walk: people who sign in by password, and its administration interface."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx

from pipeline_simulators.browsing import Browser, Page
from tests.support.browser import Window

PASSWORD = "demonstration-only"
ADMINISTRATOR = "provider-1"
REALMS = "/realms/"
REALM = f"{REALMS}pipeline"


class KeycloakBrowser(Browser):
    """A simulated browser whose person has a password."""

    async def _sign_in(self, start: str = "/sign-in?next=/about-me") -> None:
        page = await self._follow("GET", start)
        if REALMS in page.url.path:
            form = Page.read(await page.text())
            page = await self._follow("POST", form.action, {"username": self._person, "password": PASSWORD})
        self._signed_in += page.status == HTTPStatus.OK


async def enter_password(window: Window, person: str) -> None:
    """Fill in Keycloak's form and come back to the site."""
    await window.page.locator("#username").fill(person)
    await window.page.locator("#password").fill(PASSWORD)
    await window.page.locator("#kc-login").click()


async def approve(address: str, person: str, tls: ssl.SSLContext) -> str:
    """Approve the code of a device at the address that the device shows; return the last page."""
    async with httpx.AsyncClient(verify=tls, timeout=30, follow_redirects=True) as client:
        page = await client.get(address)
        page = await client.post(Page.read(page.text).action, data={"username": person, "password": PASSWORD})
        consent = Page.read(page.text)
        page = await client.post(str(page.url.join(consent.action)), data={**consent.fields, "accept": "Yes"})
        page.raise_for_status()
        return page.text


class Administration:
    """What an administrator of the realm may do."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str, tls: ssl.SSLContext) -> AsyncGenerator["Administration", None]:
        """Sign in as the administrator of the realm."""
        async with httpx.AsyncClient(base_url=address, verify=tls, timeout=30) as client:
            asked = {"grant_type": "password", "client_id": "admin-cli", "username": ADMINISTRATOR}
            answer = await client.post(f"{REALM}/protocol/openid-connect/token", data={**asked, "password": PASSWORD})
            answer.raise_for_status()
            client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
            yield cls(client)

    async def sign_out(self, person: str) -> None:
        """End every session of a person; Keycloak tells its clients."""
        await self._ask("POST", f"/users/{await self._id_of(person)}/logout")

    async def set_member(self, person: str, group: str, *, member: bool) -> None:
        """Put a person into a group, or take them out."""
        (found,) = (await self._ask("GET", f"/groups?search={group}&exact=true")).json()
        await self._ask("PUT" if member else "DELETE", f"/users/{await self._id_of(person)}/groups/{found['id']}")

    async def set_enabled(self, person: str, *, enabled: bool) -> None:
        """Enable or disable an account."""
        await self._ask("PUT", f"/users/{await self._id_of(person)}", {"enabled": enabled})

    async def _id_of(self, person: str) -> str:
        (found,) = (await self._ask("GET", f"/users?username={person}&exact=true")).json()
        return found["id"]

    async def _ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        answer = await self._client.request(method, f"/admin{REALM}{path}", json=body)
        answer.raise_for_status()
        return answer
