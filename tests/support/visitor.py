"""A person at a site, with a browser that does nothing by itself: it follows no redirect and signs in on demand."""

import re
from collections.abc import Mapping
from typing import Self

import httpx

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
OWN = re.compile(r'nonce="[^"]+"|name="csrf" value="[^"]+"')  # the parts that differ each time a page is shown


class Visitor:
    """One person, or a visitor without a sign-in (`person` is empty)."""

    def __init__(self, site: str, person: str) -> None:
        self.person = person
        self.csrf = ""
        self._client = httpx.AsyncClient(base_url=site, timeout=30)

    @classmethod
    async def enter(cls, site: str, person: str = "") -> Self:
        """Return a visitor, signed in if `person` is given."""
        visitor = cls(site, person)
        if person:
            fields = {"csrf": CSRF.findall((await visitor.ask("GET", "/sign-in")).text)[0], "person": person}
            answer = await visitor.ask("POST", "/sign-in", fields)
            assert answer.status_code == 303, answer.text
            # every page has a form for signing out and so carries the visitor's token, even a page they may not use
            start = (await visitor.ask("GET", "/")).headers["location"]
            visitor.csrf = CSRF.findall((await visitor.ask("GET", start)).text)[0]
        return visitor

    async def ask(
        self, method: str, address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request, with a form when there is one."""
        return await self._client.request(method, address, data=form, headers=headers)

    async def send(self, address: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form with this visitor's token."""
        return await self.ask("POST", address, {**form, "csrf": self.csrf})

    def cookie(self, name: str) -> str:
        """Return the content of the site's cookie of that name."""
        (value,) = (value for own, value in self._client.cookies.items() if own.endswith(f"-{name}"))
        return value

    async def leave(self) -> None:
        """Close the browser."""
        await self._client.aclose()


def look_of(answer: httpx.Response) -> str:
    """Return a page without the parts that differ each time it is shown."""
    return OWN.sub("", answer.text)
