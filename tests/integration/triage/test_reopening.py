"""A supervisor takes a decision back: with a reason, a fresh sign-in, and never their own decision."""

import re
import time
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.web.rendering import moment
from tests.support.people import id_of
from tests.support.triage import SignIn, csrf, form_of, open_case, topics_of
from tests.support.visitor import Visitor
from tests.unit.triage.builders import sanitised

NOT_RECORD = {"outcome": "not_record", "reason_code": "not_timely"}
OWNED_FLAG = """
INSERT INTO safety_flag (flag_id, reasons, preview, flagged_at, acknowledged_by, acknowledged_at)
VALUES ($1, '{weapon}', '{}', now(), $2, now())
"""
STATE = "SELECT state, version FROM triage_case WHERE case_id = $1"


async def decided_case(pool: asyncpg.Pool, officer: Visitor, **fields: str) -> UUID:
    case_id = await open_case(pool)
    assert (await officer.post(f"/cases/{case_id}/decision", await form_of(officer, case_id, **fields))).is_redirect
    return case_id


async def reopening_form(visitor: Visitor, case_id: UUID, **fields: str) -> dict[str, str]:
    page = await visitor.get(f"/cases/{case_id}")
    return {"csrf": csrf(page), "version": "2", "reopen-reason": "New facts came in", **fields}


async def test_a_case_that_was_not_recorded_waits_again_and_keeps_its_history(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer, supervisor = await sign_in("officer-1"), await sign_in("supervisor-1")
    case_id = await decided_case(pool, officer, **NOT_RECORD)
    assert "Reopen this case" not in (await officer.get(f"/cases/{case_id}")).text
    assert "Reopen this case" in (await supervisor.get(f"/cases/{case_id}")).text
    answer = await supervisor.post(f"/cases/{case_id}/reopening", await reopening_form(supervisor, case_id))
    assert answer.headers["location"] == f"/cases/{case_id}"
    assert tuple(await pool.fetchrow(STATE, case_id)) == ("waiting", 3)
    page = (await officer.get(f"/cases/{case_id}")).text
    assert "Reopened" in page
    assert "New facts came in" in page
    assert "Your decision" in page
    form = await form_of(officer, case_id, version="3", reason="Now it is necessary")
    assert (await officer.post(f"/cases/{case_id}/decision", form)).is_redirect
    assert (await topics_of(pool, case_id)) == ["case.decided.v1"]
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE case_id = $1", case_id) == 2
    assert (await officer.get("/queue?state=decided")).text.count(f'data-case="{case_id}"') == 1


async def test_a_recorded_case_waits_for_its_correction_and_is_never_sent_twice(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer, supervisor = await sign_in("officer-1"), await sign_in("supervisor-1")
    case_id = await decided_case(pool, officer)
    await supervisor.post(f"/cases/{case_id}/reopening", await reopening_form(supervisor, case_id))
    assert tuple(await pool.fetchrow(STATE, case_id)) == ("under_correction", 3)
    page = (await supervisor.get(f"/cases/{case_id}")).text
    assert "Reopened: the record must be corrected" in page
    assert "Your decision" not in page
    form = {**await reopening_form(officer, case_id), "outcome": "record", "reason": "Again", "version": "3"}
    assert (await officer.post(f"/cases/{case_id}/decision", form)).status_code == 409
    assert (await topics_of(pool, case_id)) == ["case.decided.v1"]


async def test_attack_44_the_database_refuses_the_same_person_also_under_another_name(
    provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    person, supervisor = id_of(provider, "supervisor-1"), await sign_in("supervisor-1")
    case_id = await decided_case(pool, supervisor, **NOT_RECORD)
    assert "Reopen this case" not in (await supervisor.get(f"/cases/{case_id}")).text
    insert = """INSERT INTO reopening (case_id, number, decided_by, reopened_by, reason, reopened_at, state_after)
                VALUES ($1, 1, $2, $3, 'x', now(), 'waiting')"""
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(insert, case_id, person, person)
    with pytest.raises(asyncpg.ForeignKeyViolationError):  # the decider cannot be called otherwise
        await pool.execute(insert, case_id, "person:alias", person)


async def test_reopening_asks_for_a_fresh_sign_in_and_comes_back_to_the_form(
    pool: asyncpg.Pool, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, supervisor = await sign_in("officer-1"), await sign_in("supervisor-1")
    case_id = await decided_case(pool, officer, **NOT_RECORD)
    form = await reopening_form(supervisor, case_id)
    later = time.time() + 3600
    monkeypatch.setattr("pipeline_shared.web.site.time.time", lambda: later)  # an hour after the sign-in
    answer = await supervisor.post(f"/cases/{case_id}/reopening", form)
    assert answer.headers["location"].startswith(f"/sign-in?step-up=1&next=%2Fcases%2F{case_id}%3Fkept%3D")
    assert tuple(await pool.fetchrow(STATE, case_id)) == ("not_recorded", 2)
    monkeypatch.undo()
    back = (await supervisor.sign_in(answer.headers["location"])).headers["location"]
    page = await supervisor.get(back)
    assert "New facts came in</textarea>" in page.text
    answer = await supervisor.post(f"/cases/{case_id}/reopening", {**form, "csrf": csrf(page)})
    assert answer.headers["location"] == f"/cases/{case_id}"


async def test_a_flag_is_taken_over_by_another_person_with_a_reason(
    provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer, other = await sign_in("officer-1"), await sign_in("officer-2")
    flag_id = uuid4()
    await pool.execute(OWNED_FLAG, flag_id, id_of(provider, "officer-1"))
    assert "Take this over" not in (await officer.get(f"/flags/{flag_id}")).text
    page = await other.get(f"/flags/{flag_id}")
    assert "Take this over" in page.text
    form = {"csrf": csrf(page), "owner": id_of(provider, "officer-1"), "reason": "Robin is off duty"}
    assert (await other.post(f"/flags/{flag_id}/takeover", {**form, "reason": ""})).status_code == 422
    assert (await other.post(f"/flags/{flag_id}/takeover", form)).is_redirect
    owner = await pool.fetchval("SELECT acknowledged_by FROM safety_flag WHERE flag_id = $1", flag_id)
    assert owner == id_of(provider, "officer-2")
    assert (await officer.post(f"/flags/{flag_id}/takeover", {**form, "csrf": officer.csrf})).status_code == 409
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("INSERT INTO flag_takeover VALUES ($1, 'person:a', 'person:a', 'x', now())", flag_id)


async def test_the_history_of_a_case_says_who_took_over_its_flag_and_who_reopened_it_when_and_why(
    provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    first, second, supervisor = await sign_in("officer-1"), await sign_in("officer-2"), await sign_in("supervisor-1")
    event = sanitised()
    flag_id = event.flag_id
    await pool.execute(OWNED_FLAG, flag_id, id_of(provider, "officer-1"))
    case_id = await open_case(pool, event)
    taken = {"owner": id_of(provider, "officer-1"), "reason": "Robin is <off> duty"}
    assert (await second.send(f"/flags/{flag_id}/takeover", taken)).is_redirect
    decided = await form_of(first, case_id, **NOT_RECORD, reason="It is <long> ago")
    assert (await first.post(f"/cases/{case_id}/decision", decided)).is_redirect
    form = await reopening_form(supervisor, case_id, **{"reopen-reason": "New <facts> came in"})
    assert (await supervisor.post(f"/cases/{case_id}/reopening", form)).is_redirect
    page = (await first.get(f"/cases/{case_id}")).text
    history = page[page.index("History of this case") :]
    told = [
        "Safety flag taken over from <bdi>Robin Ashdown</bdi>",
        "<bdi>Robin is &lt;off&gt; duty</bdi>",
        "<bdi>Jas Thorncliffe</bdi>",
        "Do not record",
        "<bdi>It is &lt;long&gt; ago</bdi>",
        "<bdi>Robin Ashdown</bdi>",
        "Reopened",
        "<bdi>New &lt;facts&gt; came in</bdi>",
        "<bdi>Morgan Eldwick</bdi>",
    ]
    assert re.search(".*?".join(map(re.escape, told)), history, re.DOTALL)  # in this order
    taken_at = await pool.fetchval("SELECT taken_at FROM flag_takeover WHERE flag_id = $1", flag_id)
    assert moment(taken_at) in history
