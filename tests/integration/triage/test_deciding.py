"""Cases on the desk: two decisions at once, forms that are refused, roles, and the audit."""

import asyncio
import re
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.web.identity import directory, kept_forms, session_store
from tests.support.people import id_of
from tests.support.triage import SignIn, form_of, open_case, topics_of
from tests.support.visitor import look_of
from tests.unit.triage.builders import sanitised
from triage_service.cases import store as case_store
from triage_service.flags import store as flag_store
from triage_service.queue import store as queue_store


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
    bodies = {look_of(answer) for answer in answers}
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len(bodies) == 1
    assert (await browser.get("/queue")).status_code == 404


async def test_reading_a_case_is_in_the_audit_with_the_reader(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    case_id, supervisor = await open_case(pool), await sign_in("supervisor-1")
    await supervisor.get(f"/cases/{case_id}")
    entries = await pool.fetch("SELECT actor, action FROM audit WHERE subject = $1 ORDER BY id", str(case_id))
    assert [tuple(e) for e in entries] == [
        ("service:triage", "case_opened"),
        (id_of(stack, "supervisor-1"), "case_read"),
    ]


async def test_a_decision_cannot_be_changed_or_removed_by_the_service(pool: asyncpg.Pool) -> None:
    for statement in ("UPDATE decision SET reason = 'x'", "DELETE FROM decision", "DELETE FROM audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_every_statement_fits_the_schema(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        for owner in (case_store, queue_store, flag_store, directory, kept_forms, session_store):
            for name, statement in vars(owner).items():
                is_statement = name.isupper() and isinstance(statement, str)
                if is_statement and name not in {"CASE_COLUMNS", "QUEUE_COLUMNS", "PURPOSE", "IN_ORDER"}:
                    await connection.prepare(statement)
