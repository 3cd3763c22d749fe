"""A person at a site, with a browser that does nothing by itself: it follows no redirect and signs in on demand."""

import re
from collections.abc import Mapping
from typing import Self

import httpx

from pipeline_simulators.browsing import Page

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
OWN = re.compile(r'nonce="[^"]+"|name="csrf" value="[^"]+"')  # the parts that differ each time a page is shown


class Visitor:
    """One person, or a visitor without a sign-in (`person` is empty). `person` is their subject at the provider."""

    def __init__(self, site: str, person: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.person = person
        self.csrf = ""
        mounts = {site: transport} if transport else None
        self._client = httpx.AsyncClient(base_url=site, timeout=30, mounts=mounts)

    @classmethod
    async def enter(cls, site: str, person: str = "", transport: httpx.AsyncBaseTransport | None = None) -> Self:
        """Return a visitor, signed in if `person` is given; `transport` leads to a site that has no process."""
        visitor = cls(site, person, transport)
        if person:
            answer = await visitor.sign_in()
            assert answer.is_redirect, answer.text
            # every page has a form for signing out and so carries the visitor's token
            visitor.csrf = CSRF.findall((await visitor.ask("GET", "/about-me")).text)[0]
        return visitor

    async def sign_in(self, start: str = "/sign-in") -> httpx.Response:
        """Go to the provider, say who one is, and bring the answer back; return the site's answer to it."""
        return await self.ask("GET", await self.prove(start))

    async def prove(self, start: str = "/sign-in") -> str:
        """Go to the provider and say who one is; return the address of the callback, which was not asked yet."""
        sent = await self.ask("GET", start)
        assert sent.status_code == 303, sent.text
        page = await self.ask("GET", sent.headers["location"])
        if page.status_code == 200:
            form = {**Page.read(page.text).fields, "person": self.person}
            page = await self.ask("POST", str(page.url), form)
        assert page.status_code == 303, page.text
        return page.headers["location"]

    async def ask(
        self, method: str, address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request, with a form when there is one."""
        return await self._client.request(method, address, data=form, headers=headers)

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Return a page."""
        return await self.ask("GET", address, headers=headers)

    async def post(
        self, address: str, data: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form as it is."""
        return await self.ask("POST", address, data, headers)

    async def send(self, address: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form with this visitor's token."""
        return await self.ask("POST", address, {**form, "csrf": self.csrf})

    def cookie(self, name: str) -> str:
        """Return the content of the site's cookie of that name."""
        (value,) = (value for own, value in self._client.cookies.items() if own.endswith(f"-{name}"))
        return value

    def set_cookie(self, name: str, value: str) -> None:
        """Put a cookie into the browser in the place of one that the site has set."""
        for own in [own for own in self._client.cookies if own == name]:
            self._client.cookies.delete(own)
        self._client.cookies.set(name, value)

    async def leave(self) -> None:
        """Close the browser."""
        await self._client.aclose()


def look_of(answer: httpx.Response) -> str:
    """Return a page without the parts that differ each time it is shown."""
    return OWN.sub("", answer.text)
