"""The base of every page: who may sign in, the headers of every answer, the text of errors."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared import web
from pipeline_shared.access.permissions import Action
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER
from pipeline_shared.web.renderer import Link
from pipeline_shared.web.rendering import moment
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import Visit
from tests.unit.shared.web.builders import SETTINGS


class NoDatabase:
    """A pool without a reachable database."""

    async def fetchrow(self, *_arguments: object) -> None:
        raise ConnectionRefusedError


async def _page(visit: Visit) -> Response:
    return visit.render("error.html", title="x", text="x")


async def _fail(_request: Request) -> Response:
    raise ValueError("the name of a source")


def client() -> httpx.AsyncClient:
    pool = cast("asyncpg.Pool", NoDatabase())
    links = [Link("Queue", "/queue", Action.LIST_CASES)]
    site = Site("Triage", Path("/nonexistent"), pool=pool, settings=SETTINGS, links=links)
    routes = [*site.routes(), Route("/queue", site.page(_page, Action.LIST_CASES)), Route("/fail", _fail)]
    app = Starlette(routes=routes, middleware=site.middleware(), exception_handlers=site.exception_handlers())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://triage.example")


async def test_somebody_not_signed_in_is_sent_to_sign_in_and_back() -> None:
    async with client() as browser:
        answer = await browser.get("/queue?state=decided&page=2")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2Fqueue%3Fstate%3Ddecided%26page%3D2"


async def test_without_the_provider_nobody_can_sign_in_and_the_page_says_so() -> None:
    async with client() as browser:
        answer = await browser.get("/sign-in")
    assert answer.status_code == 503
    assert "Nobody can sign in at the moment" in answer.text
    assert "People who are signed in can go on working" in answer.text


async def test_a_script_without_a_session_is_refused_and_not_led_to_the_provider() -> None:
    async with client() as browser:
        assert (await browser.get("/queue", headers={BACKGROUND_HEADER: "1"})).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/fail", "/static/pipeline.css"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    async with client() as browser:
        headers = (await browser.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static") else "no-store")


async def test_each_page_has_a_nonce_of_its_own_and_no_other_inline_script() -> None:
    async with client() as browser:
        pages = [await browser.get("/sign-in") for _ in range(2)]
    policies = {page.headers["content-security-policy"] for page in pages}
    assert len(policies) == 2
    assert all("unsafe" not in policy for policy in policies)
    assert all(
        page.text.count("<script") == page.text.count("<script nonce=") + page.text.count("src=") for page in pages
    )


async def test_an_error_page_says_nothing_of_what_went_wrong() -> None:
    async with client() as browser:
        failed = await browser.get("/fail")
        missing = await browser.get("/nowhere")
    assert failed.status_code == 500
    assert "source" not in failed.text
    assert missing.status_code == 404


async def test_without_a_database_a_page_asks_to_come_back() -> None:
    async with client() as browser:
        browser.cookies.set("triage-session", "x")
        assert (await browser.get("/queue")).status_code == 503


def test_no_font_or_crest_of_the_government_is_served() -> None:
    folder = Path(web.__file__).parent / "static"
    text = "".join(path.read_text() for path in folder.glob("*.css"))
    assert "@font-face" not in text
    assert "GDS Transport" not in text
    assert "url(" not in text
    assert (folder / "LICENCE-govuk-frontend.txt").exists()


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "5 January 2026, 09:30\u00a0GMT"),
        (datetime(2026, 7, 5, 9, 30, tzinfo=UTC), "5 July 2026, 10:30\u00a0BST"),
    ],
)
def test_a_time_is_told_as_the_clock_in_this_country_says_it(at: datetime, shown: str) -> None:
    assert moment(at) == shown
