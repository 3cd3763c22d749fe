"""Pages, cases and forms of the triage service on a database, without its process."""

import os
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import asyncpg
import httpx
from starlette.applications import Starlette

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from pipeline_shared.web.site import Site
from tests.support.database import database_of
from tests.support.visitor import Visitor
from tests.unit.triage.builders import sanitised
from triage_service.cases.usecases import open_cases
from triage_service.main import LINKS, PACKAGE, pages_of
from triage_service.rules.table_file import load_rules
from triage_service.settings import Settings

SignIn = Callable[[str], Awaitable[Visitor]]


def pages_settings(stack: LocalStack) -> Settings:
    """Return the settings of triage on the stack."""
    with patch.dict(os.environ, stack.program("triage").environment):
        return Settings()  # pyright: ignore[reportCallIssue] - from the environment


def site_of(pool: asyncpg.Pool, settings: Settings) -> Starlette:
    """Return the pages of the desk on a database."""
    site = Site("Triage", PACKAGE, pool=pool, settings=settings, links=LINKS)
    pages = pages_of(site, database_of(pool), create_metrics(), keep=timedelta(days=31))
    return Starlette(
        routes=[*site.routes(), *pages],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
    )


def csrf(page: httpx.Response) -> str:
    """Return the token of the form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def open_case(pool: asyncpg.Pool, event: SubmissionSanitised | None = None) -> UUID:
    """Open a case as the desk does when an event arrives; return its id."""
    event = event or sanitised()
    async with begin(database_of(pool)) as work:
        await open_cases(work, [event], rules=load_rules())
    return await pool.fetchval("SELECT case_id FROM triage_case WHERE source_ref = $1", event.source_ref)


async def form_of(browser: Visitor, case_id: UUID, **fields: str) -> dict[str, Any]:
    """Return the form for a decision, filled in to record the case."""
    page = await browser.get(f"/cases/{case_id}")
    assert page.status_code == 200
    return {"csrf": csrf(page), "version": "1", "outcome": "record", "reason": "Necessary to prevent crime", **fields}


async def topics_of(pool: asyncpg.Pool, key: UUID) -> list[str]:
    """Return the topics of the events of a key, oldest first."""
    rows = await pool.fetch("SELECT topic FROM outbox WHERE key = $1 ORDER BY id", key)
    return [row["topic"] for row in rows]
