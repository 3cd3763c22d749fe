"""A simulated browser: signs in at the simulated provider, reads pages and sends forms, and repeats reads.

It reads again while a service is away. It uses the same pages as a person, with the CSRF token. It never repeats a
form by itself: after a lost answer, the caller must read the page again.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Self

import aiohttp

from pipeline_shared.runtime.retry import Backoff

PATIENCE_SECONDS = 120.0
REQUEST_SECONDS = 20.0
AWAY = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})
STEP_UP = "/sign-in?step-up"
AUTHORIZE = "/authorize"  # the page of the simulated provider

Attributes = dict[str, str]


class LostAnswerError(Exception):
    """The answer to a form was lost; the form may have had its effect."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The answer to a request: status, redirect and page."""

    status: int
    location: str
    text: str


@dataclass(slots=True)
class Page(HTMLParser):
    """A page as a program reads it: the marks on its elements, the fields of its form, and the form's address."""

    marked: list[Attributes] = field(default_factory=list[Attributes])
    fields: dict[str, str] = field(default_factory=dict[str, str])
    action: str = ""
    _textarea: str = ""

    def __post_init__(self) -> None:
        """Prepare the parser."""
        HTMLParser.__init__(self)

    @classmethod
    def read(cls, text: str) -> Self:
        """Return a parsed page."""
        page = cls()
        page.feed(text)
        page.close()
        return page

    def first(self, mark: str) -> Attributes:
        """Return the attributes of the first element with a mark; empty when there is none."""
        return next((attributes for attributes in self.marked if mark in attributes), {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store marks and fields."""
        attributes = {name: value or "" for name, value in attrs}
        if any(name.startswith("data-") for name in attributes):
            self.marked.append(attributes)
        name = attributes.get("name", "")
        if tag == "form":
            self.action = self.action or attributes.get("action", "")
        elif tag == "textarea":
            self._textarea, self.fields[name] = name, ""
        elif tag == "input" and attributes.get("type") in {"text", "hidden"}:
            self.fields.setdefault(name, attributes.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Store the end of a text area."""
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Collect the text of a text area."""
        if self._textarea:
            self.fields[self._textarea] += data


class Browser:
    """A browser of one person at one site."""

    def __init__(self, site: str, person: str, tls: ssl.SSLContext | None = None) -> None:
        """Open no connection yet; `tls` says whom to trust: without it, the system's authorities."""
        self._person = person
        self._session = aiohttp.ClientSession(
            site,
            connector=aiohttp.TCPConnector(ssl=tls or ssl.create_default_context()),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # needed because the site's address is a number
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
        )
        self.failures = 0  # requests without an answer, or whose answer says that the site is away
        self._signing_in = asyncio.Lock()
        self._signed_in = 0

    async def __aenter__(self) -> Self:
        """Open the browser."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close the browser."""
        await self._session.close()

    async def read(self, path: str) -> PageAnswer:
        """Return a page; sign in when required, and retry while the site is away."""
        deadline, backoff = _now() + PATIENCE_SECONDS, Backoff(first=0.1, longest=2.0)
        while True:
            try:
                answer = await self._read_once(path)
                if answer.status not in AWAY or _now() > deadline:
                    return answer
            except (aiohttp.ClientError, TimeoutError, OSError):
                if _now() > deadline:
                    raise
            self.failures += 1
            await asyncio.sleep(backoff.next_pause())

    async def send(self, path: str, fields: Mapping[str, str]) -> PageAnswer:
        """Send a form once; raise LostAnswerError when its effect is unknown, or the site asked for a fresh sign-in."""
        try:
            answer = await self._request("POST", path, data=dict(fields))
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.failures += 1
            raise LostAnswerError from None
        if answer.location.startswith(STEP_UP):
            await self._sign_in(answer.location)
        if answer.status in AWAY or answer.location.startswith("/sign-in"):
            self.failures += 1
            raise LostAnswerError
        return answer

    async def _read_once(self, path: str) -> PageAnswer:
        seen = self._signed_in
        answer = await self._request("GET", path)
        if not answer.location.startswith("/sign-in"):
            return answer
        async with self._signing_in:
            if self._signed_in == seen:
                await self._sign_in()
        return await self._request("GET", path)

    async def _sign_in(self, start: str = "/sign-in?next=/about-me") -> None:  # a page that lists nothing
        """Go to the identity provider, say who the person is, and come back."""
        page = await self._follow("GET", start)
        if page.url.path == AUTHORIZE:
            fields = {**Page.read(await page.text()).fields, "person": self._person}
            page = await self._follow("POST", str(page.url), fields)
        self._signed_in += page.status == HTTPStatus.OK

    async def _follow(self, method: str, address: str, data: Mapping[str, str] | None = None) -> aiohttp.ClientResponse:
        async with self._session.request(method, address, data=data) as response:
            await response.read()
            return response

    async def _request(self, method: str, path: str, data: Mapping[str, str] | None = None) -> PageAnswer:
        async with self._session.request(method, path, data=data, allow_redirects=False) as response:
            return PageAnswer(response.status, response.headers.get("location", ""), await response.text())


def _now() -> float:
    return asyncio.get_running_loop().time()
