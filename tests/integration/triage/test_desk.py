"""The desk of the officers on a real database: forms, sessions, audit, and two decisions at once."""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import SubmissionSanitised, TransferConfirmed
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from pipeline_shared.web.identity.sessions import Sessions
from pipeline_shared.web.site import Site
from tests.support.database import database_of
from tests.unit.triage.builders import sanitised
from triage_service.cases import store as case_store
from triage_service.cases.usecases import confirm_transfers, open_cases
from triage_service.flags import store as flag_store
from triage_service.main import LINKS, PACKAGE, pages_of
from triage_service.queue import store as queue_store
from triage_service.rules.table_file import load_rules

SignIn = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def pool(stack: LocalStack) -> AsyncGenerator[asyncpg.Pool, None]:
    async with asyncpg.create_pool(stack.app_dsn("triage"), min_size=0, max_size=4) as pool:
        yield pool


def site_of(pool: asyncpg.Pool) -> Starlette:
    """Return the pages of the desk on a database."""
    site = Site("Triage", PACKAGE, pool=pool, environment="local", links=LINKS)
    pages = pages_of(site, database_of(pool), create_metrics(), keep=timedelta(days=31))
    return Starlette(
        routes=[*site.routes(), *pages],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
    )


@pytest.fixture
async def sign_in(pool: asyncpg.Pool) -> AsyncGenerator[SignIn, None]:
    app = site_of(pool)
    browsers: list[httpx.AsyncClient] = []

    async def sign_in(person: str) -> httpx.AsyncClient:
        browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://triage.example")
        browsers.append(browser)
        page = await browser.get("/sign-in")
        answer = await browser.post("/sign-in", data={"person": f"demo:{person}", "csrf": csrf(page)})
        assert answer.status_code == 303
        return browser

    yield sign_in
    for browser in browsers:
        await browser.aclose()


def csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def open_case(pool: asyncpg.Pool, event: SubmissionSanitised | None = None) -> UUID:
    event = event or sanitised()
    async with begin(database_of(pool)) as work:
        await open_cases(work, [event], rules=load_rules())
    return await pool.fetchval("SELECT case_id FROM triage_case WHERE source_ref = $1", event.source_ref)


async def form_of(browser: httpx.AsyncClient, case_id: UUID, **fields: str) -> dict[str, Any]:
    page = await browser.get(f"/cases/{case_id}")
    assert page.status_code == 200
    return {"csrf": csrf(page), "version": "1", "outcome": "record", "reason": "Necessary to prevent crime", **fields}


async def topics_of(pool: asyncpg.Pool, key: UUID) -> list[str]:
    rows = await pool.fetch("SELECT topic FROM outbox WHERE key = $1 ORDER BY id", key)
    return [row["topic"] for row in rows]


async def test_two_officers_at_once_get_one_303_and_one_409(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id = await open_case(pool)
    officers = [await sign_in("officer-1"), await sign_in("officer-2")]
    forms = [await form_of(officer, case_id, reason=f"Reason {n}") for n, officer in enumerate(officers)]
    posts = [o.post(f"/cases/{case_id}/decision", data=f) for o, f in zip(officers, forms, strict=True)]
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert await topics_of(pool, case_id) == ["case.decided.v1"]
    kept = await pool.fetchval("SELECT reason FROM decision WHERE case_id = $1", case_id)
    stale = next(answer for answer in answers if answer.status_code == 409)
    assert kept in stale.text
    assert {"Reason 0", "Reason 1"} <= set(re.findall(r"Reason \d", stale.text))


async def test_a_submission_that_comes_again_opens_no_second_case(pool: asyncpg.Pool) -> None:
    event = sanitised()
    assert await open_case(pool, event) == await open_case(pool, event.model_copy(update={"event_id": uuid4()}))
    assert await topics_of(pool, event.status_token) == ["case.status.v1"]


async def test_an_incomplete_form_changes_nothing_and_keeps_what_was_typed(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, officer = await open_case(pool), await sign_in("officer-1")
    form = await form_of(officer, case_id, outcome="other_route", reason="A child <is> at risk")
    answer = await officer.post(f"/cases/{case_id}/decision", data=form)
    assert answer.status_code == 422
    assert "A child &lt;is&gt; at risk" in answer.text
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE case_id = $1", case_id) == 0


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
async def test_a_form_from_another_site_is_refused(
    pool: asyncpg.Pool, sign_in: SignIn, headers: dict[str, str]
) -> None:
    case_id, officer = await open_case(pool), await sign_in("officer-1")
    form = await form_of(officer, case_id)
    assert (await officer.post(f"/cases/{case_id}/decision", data=form, headers=headers)).status_code == 403


async def test_a_form_with_somebody_elses_token_is_refused(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, officer, other = await open_case(pool), await sign_in("officer-1"), await sign_in("officer-2")
    form = await form_of(other, case_id)
    assert (await officer.post(f"/cases/{case_id}/decision", data=form)).status_code == 403


@pytest.mark.parametrize("person", ["operations-1", "desk-1", "desk-2"])
async def test_somebody_without_the_role_cannot_tell_whether_a_case_exists(
    pool: asyncpg.Pool, sign_in: SignIn, person: str
) -> None:
    browser = await sign_in(person)
    answers = [await browser.get(f"/cases/{case_id}") for case_id in (await open_case(pool), uuid4())]
    bodies = {re.sub(r'nonce="[^"]+"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len(bodies) == 1
    assert (await browser.get("/queue")).status_code == 404


async def test_reading_a_case_is_in_the_audit_with_the_reader(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, supervisor = await open_case(pool), await sign_in("supervisor-1")
    await supervisor.get(f"/cases/{case_id}")
    entries = await pool.fetch("SELECT actor, action FROM audit WHERE subject = $1 ORDER BY id", str(case_id))
    assert [tuple(e) for e in entries] == [("service:triage", "case_opened"), ("demo:supervisor-1", "case_read")]


async def recorded_case(pool: asyncpg.Pool, sign_in: SignIn) -> tuple[UUID, UUID, httpx.AsyncClient]:
    case_id, officer = await open_case(pool), await sign_in("officer-1")
    answer = await officer.post(f"/cases/{case_id}/decision", data=await form_of(officer, case_id))
    assert answer.headers["location"] == f"/cases/{case_id}"
    record_ref = await pool.fetchval("SELECT record_ref FROM triage_case WHERE case_id = $1", case_id)
    return case_id, record_ref, officer


def confirmation(case_id: UUID, record_ref: UUID, reference: str = "NR-1") -> TransferConfirmed:
    return TransferConfirmed(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        case_id=case_id,
        record_ref=record_ref,
        police_reference=reference,
    )


async def confirm(pool: asyncpg.Pool, *events: TransferConfirmed) -> None:
    async with begin(database_of(pool)) as work:
        await confirm_transfers(work, events)


async def test_a_confirmed_transfer_shows_its_police_reference_once(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, record_ref, officer = await recorded_case(pool, sign_in)
    again = confirmation(case_id, record_ref)
    await confirm(pool, confirmation(case_id, record_ref), again)
    await confirm(pool, again.model_copy(update={"event_id": uuid4()}))
    assert 'data-police-reference="NR-1"' in (await officer.get(f"/cases/{case_id}")).text
    status_token = await pool.fetchval("SELECT status_token FROM triage_case WHERE case_id = $1", case_id)
    assert await topics_of(pool, status_token) == ["case.status.v1", "case.status.v1"]


async def test_a_confirmation_that_contradicts_what_is_known_is_for_a_person(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    case_id, record_ref, _ = await recorded_case(pool, sign_in)
    await confirm(pool, confirmation(case_id, record_ref))
    for contradiction in (
        confirmation(case_id, record_ref, "NR-2"),
        confirmation(case_id, uuid4()),
        confirmation(uuid4(), record_ref),
    ):
        with pytest.raises(PermanentError):
            await confirm(pool, contradiction)


async def test_a_second_reference_in_the_same_batch_is_for_a_person_too(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, record_ref, _ = await recorded_case(pool, sign_in)
    with pytest.raises(PermanentError):
        await confirm(pool, confirmation(case_id, record_ref), confirmation(case_id, record_ref, "NR-2"))


async def test_a_decision_cannot_be_changed_or_removed_by_the_service(pool: asyncpg.Pool) -> None:
    for statement in ("UPDATE decision SET reason = 'x'", "DELETE FROM decision", "DELETE FROM audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_every_statement_fits_the_schema(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        for owner in (case_store, queue_store, flag_store, Sessions):
            for name, statement in vars(owner).items():
                is_statement = name.isupper() and isinstance(statement, str)
                if is_statement and name not in {"CASE_COLUMNS", "QUEUE_COLUMNS", "COOKIE"}:
                    await connection.prepare(statement)


async def test_signing_out_ends_the_session_for_good(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    cookie = browser.cookies["triage-session"]
    page = await browser.get("/queue")
    assert (await browser.post("/sign-out", data={"csrf": csrf(page)})).status_code == 303
    browser.cookies.set("triage-session", cookie)
    assert (await browser.get("/queue")).status_code == 303
    assert await sessions_under(pool, cookie) == 0


async def test_signing_in_again_opens_a_new_session_and_ends_the_old_one(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    old = browser.cookies["triage-session"]
    assert await sessions_under(pool, old) == 1
    await browser.post("/sign-in", data={"person": "demo:officer-2", "csrf": csrf(await browser.get("/sign-in"))})
    new = browser.cookies["triage-session"]
    assert (await sessions_under(pool, old), await sessions_under(pool, new)) == (0, 1)
    assert "Jas Thorncliffe" in (await browser.get("/queue")).text


async def sessions_under(pool: asyncpg.Pool, token: str) -> int:
    digest = hashlib.sha256(token.encode()).digest()
    return await pool.fetchval("SELECT count(*) FROM session WHERE token_hash = $1", digest)


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = now() - interval '16 minutes'",
        "created_at = now() - interval '9 hours'",
        "roles = '{triage supervisor}'",
        "person = 'demo:nobody'",
    ],
)
async def test_a_session_ends_when_it_is_old_or_its_person_has_changed(
    pool: asyncpg.Pool, sign_in: SignIn, change: str
) -> None:
    browser = await sign_in("officer-1")
    await pool.execute(f"UPDATE session SET {change}")  # noqa: S608 - the changes above
    assert (await browser.get("/queue")).headers["location"] == "/sign-in?next=%2Fqueue"
