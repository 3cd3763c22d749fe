"""A person at a real browser: Debian's Chromium on the served pages.

Every window notes each address that it requests and each error of its browser, so a test fails if a page loads anything
from elsewhere or breaks its own content security policy.
"""

import base64
import hashlib
import os
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Browser, ConsoleMessage, Page, Response, StorageState, async_playwright

from tests.support.waiting import wait_for

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WIDTHS = {"desktop": 1280, "narrow": 375}
HEIGHT = 900
PATIENCE_MS = 10_000
SCREENSHOTS = os.environ.get("PIPELINE_TEST_SCREENSHOTS", "")

OPEN_DETAILS = "document.querySelectorAll('details').forEach(details => { details.open = true })"
RUN_AXE = "tags => axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def read_axe() -> str:
    """Return the script of axe-core from its package."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@asynccontextmanager
async def open_browser(authority: x509.Certificate) -> AsyncGenerator[Browser, None]:
    """Open the browser for all windows; besides the system's authorities it trusts one more, by its key."""
    trusted = f"--ignore-certificate-errors-spki-list={_key_hash(authority)}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, trusted])
        yield browser
        await browser.close()


def _key_hash(authority: x509.Certificate) -> str:
    key = authority.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@dataclass  # without slots: playwright stores its wrappers of the methods here
class Window:
    """The window of one person at one site, with its own cookies."""

    page: Page
    site: str
    asked: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    @classmethod
    async def open(cls, browser: Browser, site: str, *, script: bool, cookies: StorageState | None = None) -> "Window":
        """Open a window on a site."""
        context = await browser.new_context(
            java_script_enabled=script,
            storage_state=cookies,
            locale="en-GB",
            viewport={"width": WIDTHS["desktop"], "height": HEIGHT},
        )
        context.set_default_timeout(PATIENCE_MS)
        window = cls(await context.new_page(), site)
        window.page.on("request", lambda request: window.asked.append(request.url))
        window.page.on("response", window._note_response)
        window.page.on("console", window._note_console)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        return window

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{response.status} for {response.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def strangers(self, *known: str) -> list[str]:
        """Return every requested address outside the site and the other known ones."""
        return [url for url in self.asked if not url.startswith((f"{self.site}/", "data:", *known))]

    async def go(self, path: str) -> int:
        """Open a page; return its status."""
        response = await self.page.goto(self.site + path)
        assert response
        return response.status

    async def press(self, button: str) -> int:
        """Press a button that sends a form; return the status of the answer to the form."""
        async with self.page.expect_navigation() as arriving:
            await self.page.get_by_role("button", name=button, exact=True).click()
        request = (await arriving.value).request
        while request.redirected_from:
            request = request.redirected_from
        answer = await request.response()
        assert answer
        return answer.status

    async def sign_in(self, name: str, path: str = "/") -> None:
        """Sign in as a made-up person at the provider, on the way to a page."""
        await self.go(path)
        await self.page.get_by_label(name).check()
        await self.press("Sign in")
        await self.page.wait_for_url(f"{self.site}/**")

    async def decide(self, outcome: str, reason: str, detail: str = "") -> int:
        """Fill in the form of a case and send it; return the status. `detail` is the route or the reason code."""
        for choice in filter(None, (outcome, detail)):
            await self.page.get_by_label(choice).check()
        await self.page.get_by_label("Reason", exact=True).fill(reason)
        return await self.press("Save decision")

    async def wait_for_reference(self) -> str:
        """Load the page of a case until it shows the police reference; return the reference."""

        async def reference() -> str:
            await self.page.reload()
            return await self.mark("police-reference")

        return await wait_for(reference, "the police reference")

    async def heading(self) -> str:
        """Return the page's main heading."""
        return (await self.page.get_by_role("heading", level=1).inner_text()).strip()

    async def text(self) -> str:
        """Return the readable text in the main part of the page."""
        return await self.page.locator("main").inner_text()

    async def mark(self, name: str) -> str:
        """Return the first value of a data-attribute on the page."""
        return await self.page.locator(f"[data-{name}]").first.get_attribute(f"data-{name}") or ""

    async def focused(self) -> str:
        """Return the focused element by its id or its words."""
        return await self.page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()")

    async def look(self, what: str) -> list[str]:
        """Return the accessibility faults of the page; take a picture of it if the environment asks for one."""
        found: list[str] = []
        for name, width in WIDTHS.items():
            await self.page.set_viewport_size({"width": width, "height": HEIGHT})
            await self.page.wait_for_function(
                "width => window.innerWidth === width", arg=width
            )  # the page is told later
            await self._photograph(f"{what}-{name}")
            if await self.page.evaluate(OVERFLOW) > 0:
                found.append(f"{name}: the page must be scrolled sideways")
        await self.page.evaluate(f"{read_axe()};{OPEN_DETAILS}")
        result: Mapping[str, Any] = await self.page.evaluate(RUN_AXE, WCAG)
        return found + [line for violation in result["violations"] for line in _lines_of(violation)]

    async def _photograph(self, name: str) -> None:
        if SCREENSHOTS:
            file = re.sub(r"\W+", "-", name) + ".png"
            await self.page.screenshot(path=Path(SCREENSHOTS) / file, full_page=True)


def _lines_of(violation: Mapping[str, Any]) -> Sequence[str]:
    return [f"{violation['id']}: {node['target']} {node['failureSummary']}" for node in violation["nodes"]]
