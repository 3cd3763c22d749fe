"""The lists of the desk: every flag is within reach until its end, and each reading leaves an audit row."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import Response

import triage_service
from pipeline_local.stack import LocalStack
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.events import FlagLevel, SafetyFlagged, SafetyPreview
from pipeline_shared.language.vocabulary import Answer, SafetyLevel, SafetyReason
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER
from pipeline_shared.web.paging import PAGE_SIZE
from tests.support.database import database_of
from tests.support.metrics import figure, figures_of
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.people import id_of
from tests.support.triage import SignIn, csrf, form_of, open_case
from tests.support.visitor import Visitor
from tests.unit.triage.builders import sanitised
from triage_service.flags.seen_flags import MOST_SESSIONS, MOST_SIGHTS, Shown
from triage_service.flags.usecases import MOST_ABOVE_QUEUE, open_flags
from triage_service.gauges import measure

MIGRATIONS = Path(triage_service.__file__).parent / "migrations"
BEGAN = datetime.now(UTC) - timedelta(hours=1)
OWNER = "SELECT acknowledged_by FROM safety_flag WHERE flag_id = $1"
BACKGROUND = {BACKGROUND_HEADER: "1"}


@pytest.fixture
async def pool(stack: LocalStack) -> AsyncGenerator[asyncpg.Pool, None]:
    """Create a database for these tests alone, so that counts are exact."""
    dsn = app_dsn_of(stack, "triage", await create_own_database(stack, "triage", MIGRATIONS))
    async with asyncpg.create_pool(dsn, min_size=0, max_size=4) as pool:
        yield pool


async def add_flags(pool: asyncpg.Pool, count: int, level: FlagLevel = SafetyLevel.NOW) -> list[UUID]:
    """Open flags, each a second younger than the one before."""
    events = [
        SafetyFlagged(
            event_id=uuid4(),
            occurred_at=BEGAN + timedelta(seconds=n),
            flag_id=uuid4(),
            level=level,
            reasons=(SafetyReason.WEAPON,),
            preview=SafetyPreview(),
        )
        for n in range(count)
    ]
    async with begin(database_of(pool)) as work:
        await open_flags(work, events)
    return [event.flag_id for event in events]


def flags_on(page: Response) -> list[UUID]:
    assert page.status_code == 200
    return [UUID(found) for found in re.findall(r'<tr[^>]* data-flag="([^"]+)"', page.text)]


async def rows(pool: asyncpg.Pool, action: str) -> list[tuple[str, str, str]]:
    found = await pool.fetch("SELECT actor, subject, reason FROM audit WHERE action = $1 ORDER BY id", action)
    return [tuple(row) for row in found]


async def acknowledge(browser: Visitor, flag_id: UUID) -> None:
    token = csrf(await browser.get(f"/flags/{flag_id}"))
    assert (await browser.post(f"/flags/{flag_id}/acknowledge", data={"csrf": token})).status_code == 303


async def test_of_301_flags_each_can_be_reached_and_the_totals_are_true(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    flags, officer = await add_flags(pool, 301), await sign_in("officer-1")
    above = await officer.get("/queue")
    assert flags_on(above) == flags[: MOST_ABOVE_QUEUE[SafetyLevel.NOW]]
    assert "301 safety flags in all" in above.text
    assert 'data-flags="301"' in above.text
    found = [flag for n in range(1, 14) for flag in flags_on(await officer.get(f"/flags?page={n}"))]
    assert found == flags
    assert "301 to 301 of 301" in (await officer.get("/flags?page=13")).text
    assert flags_on(await officer.get("/flags?page=99999999")) == flags[-1:]
    assert 'href="/flags?page=13"' in (await officer.get("/flags")).text
    await pool.execute("UPDATE safety_flag SET acknowledged_by = 'officer-2', acknowledged_at = flagged_at")
    assert flags_on(await officer.get("/flags?page=13")) == flags[-1:]


async def test_soon_stands_below_every_flag_that_rings_and_none_of_those_hides_it(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    soon, now = await add_flags(pool, 30, SafetyLevel.SOON), await add_flags(pool, 30)  # the younger ones ring
    officer, other = await sign_in("officer-1"), await sign_in("officer-2")
    most_now, most_soon = MOST_ABOVE_QUEUE[SafetyLevel.NOW], MOST_ABOVE_QUEUE[SafetyLevel.SOON]
    above = await officer.get("/queue")
    assert flags_on(above) == [*now[:most_now], *soon[:most_soon]]
    assert 'data-flags="30" data-owned="0" data-soon="30"' in above.text
    assert f"60 safety flags in all</a>, {60 - most_now - most_soon} more" in above.text
    assert [flag for n in (1, 2, 3) for flag in flags_on(await officer.get(f"/flags?page={n}"))] == [*now, *soon]
    await acknowledge(officer, soon[0])
    await acknowledge(officer, now[0])
    shown = [flag for n in (1, 2, 3) for flag in flags_on(await other.get(f"/flags?page={n}"))]
    assert shown == [*now[1:], now[0], *soon[1:], soon[0]]
    page = await other.get(f"/flags/{soon[0]}")
    assert "Robin Ashdown" in page.text
    taken = {"csrf": csrf(page), "owner": id_of(stack, "officer-1"), "reason": "Robin is off duty"}
    assert (await other.post(f"/flags/{soon[0]}/takeover", data=taken)).status_code == 303
    assert id_of(stack, "officer-2") == await pool.fetchval(OWNER, soon[0])


async def test_soon_has_no_clock_for_people_or_operations(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    await add_flags(pool, 3, SafetyLevel.SOON)  # an hour ago
    assert "Overdue" not in (await (await sign_in("officer-1")).get("/queue")).text
    metrics = create_metrics()
    async with pool.acquire() as connection:
        await measure(connection, metrics)
    figures = figures_of(metrics)
    waiting, age = (
        [figure(figures, name, place=place) for place in ("safety-flags", "safety-flags-soon")]
        for name in ("pipeline_waiting", "pipeline_waiting_age_seconds")
    )
    assert waiting == [0, 3]
    assert (age[0], age[1] > 3_500) == (0, True)


async def test_the_case_of_a_flag_to_look_at_soon_stands_below_now_and_above_the_rest_and_closes_its_flag(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    (now,), (soon,), officer = (
        await add_flags(pool, 1),
        await add_flags(pool, 1, SafetyLevel.SOON),
        await sign_in("officer-1"),
    )
    immediate = await open_case(pool, sanitised(risk=RiskAnswers(immediate_danger=Answer.YES)))
    why = {"safety": (SafetyReason.WEAPON,)}
    soon_case = await open_case(
        pool, sanitised().model_copy(update={"flag_id": soon, "level": SafetyLevel.SOON, **why})
    )
    now_case = await open_case(pool, sanitised().model_copy(update={"flag_id": now, "level": SafetyLevel.NOW, **why}))
    page = await officer.get("/queue")
    assert re.findall(r'data-case="([^"]+)"', page.text) == [str(case) for case in (now_case, soon_case, immediate)]
    assert f'href="/cases/{soon_case}"' in (await officer.get(f"/flags/{soon}")).text
    assert "should look soon, before any ordinary case: weapon" in (await officer.get(f"/cases/{soon_case}")).text
    form = await form_of(officer, soon_case, outcome="not_record", reason_code="not_necessary", reason="Known already")
    assert (await officer.post(f"/cases/{soon_case}/decision", data=form)).status_code == 303
    assert flags_on(await officer.get("/flags")) == [now]


async def test_an_acknowledged_flag_stays_listed_with_its_owner_until_its_case_is_decided(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    (first, second), officer, other = await add_flags(pool, 2), await sign_in("officer-1"), await sign_in("officer-2")
    await acknowledge(officer, first)
    owner = id_of(stack, "officer-1")
    for path in ("/queue", "/flags", "/flags/fresh", "/flags/fresh?page=1"):
        page = await other.get(path)
        assert flags_on(page) == [second, first]  # flags without an owner come first
        assert f'data-flag="{first}" data-owner="{id_of(stack, "officer-1")}"' in page.text
        assert "Robin Ashdown" in page.text
        assert "no case yet" in page.text
    case_id = await open_case(pool, sanitised().model_copy(update={"flag_id": first}))
    assert flags_on(await other.get("/flags")) == [second, first]
    answer = await other.post(f"/cases/{case_id}/decision", data=await form_of(other, case_id))
    assert answer.status_code == 303
    assert flags_on(await other.get("/flags")) == [second]
    owner = await pool.fetchrow("SELECT acknowledged_by, settled FROM safety_flag WHERE flag_id = $1", first)
    assert tuple(owner or ()) == (id_of(stack, "officer-1"), True)


async def test_who_decides_a_case_owns_its_flag_if_nobody_did(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    (flag,), officer = await add_flags(pool, 1), await sign_in("officer-2")
    case_id = await open_case(pool, sanitised().model_copy(update={"flag_id": flag}))
    await officer.post(f"/cases/{case_id}/decision", data=await form_of(officer, case_id))
    assert flags_on(await officer.get("/flags")) == []
    row = await pool.fetchrow("SELECT acknowledged_by, flagged_at FROM safety_flag WHERE flag_id = $1", flag)
    assert row
    assert row["acknowledged_by"] == id_of(stack, "officer-2")
    assert (row["flagged_at"].minute, row["flagged_at"].second) == (0, 0)
    assert [subject for _, subject, _ in await rows(pool, "safety_flag_acknowledged")] == [str(flag)]


async def test_each_page_of_a_list_leaves_one_row_with_what_was_on_it(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer = await sign_in("officer-1")
    cases = [await open_case(pool) for _ in range(PAGE_SIZE + 2)]
    flags = await add_flags(pool, PAGE_SIZE + 1)
    await officer.get("/queue")
    await officer.get("/queue?page=2")
    await officer.get("/queue?state=decided")
    await officer.get("/flags?page=2")
    listed = await rows(pool, "queue_listed")
    assert [(actor, subject) for actor, subject, _ in listed] == [
        (id_of(stack, "officer-1"), f"{state}:page:{n}")
        for state, n in (("waiting", 1), ("waiting", 2), ("decided", 1))
    ]
    assert {UUID(ref) for _, _, reason in listed for ref in reason.split()} == set(cases)
    assert [len(reason.split()) for _, _, reason in listed] == [PAGE_SIZE, 2, 0]
    assert (await rows(pool, "flags_listed"))[-1] == (id_of(stack, "officer-1"), "page:2", str(flags[-1]))


async def test_a_list_that_refreshes_by_itself_leaves_a_row_only_for_what_this_session_has_not_been_shown(
    stack: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    flags, officer, other = await add_flags(pool, 2), await sign_in("officer-1"), await sign_in("officer-2")
    for _ in range(3):
        await officer.get("/flags/fresh", headers=BACKGROUND)
    assert [actor for actor, _, _ in await rows(pool, "flags_listed")] == [id_of(stack, "officer-1")]
    await other.get("/flags/fresh", headers=BACKGROUND)
    assert [actor for actor, _, _ in await rows(pool, "flags_listed")] == [
        id_of(stack, "officer-1"),
        id_of(stack, "officer-2"),
    ]
    flags += await add_flags(pool, 1)
    for _ in range(2):
        await officer.get("/flags/fresh", headers=BACKGROUND)
    listed = await rows(pool, "flags_listed")
    assert len(listed) == 3
    assert {UUID(ref) for ref in listed[-1][2].split()} == set(flags)
    await officer.get("/flags/fresh")  # a person asked for the page
    assert len(await rows(pool, "flags_listed")) == 4


def test_what_is_forgotten_is_new_again_and_memory_is_bounded() -> None:
    shown, ids = Shown(), [(uuid4(), False) for _ in range(3)]
    assert not shown.is_new("one", [])
    shown.remember("one", ids)
    assert not shown.is_new("one", ids[:2])
    assert shown.is_new("one", [*ids, (uuid4(), False)])
    assert shown.is_new("other", ids)
    assert shown.is_new("one", [(ids[0][0], True)]), "with its preview there is more to see"
    for n in range(MOST_SESSIONS):
        shown.remember(f"session {n}", ids)
    assert shown.is_new("one", ids)
    shown.remember("session 1", [(uuid4(), False) for _ in range(MOST_SIGHTS)])
    assert shown.is_new("session 1", ids)
