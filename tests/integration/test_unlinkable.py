"""No value leads from a case to an agency, a receipt or the minute of its arrival (D-S1, D-S6).

The test tries every table of every database in the catalogue, so it covers each new table automatically. The tables of
intake know agencies and times, and the restricted store knows the case of each submission: the values of all other
tables are compared with theirs.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import OFFICERS
from tests.support.intake import Frontend, add_agency, open_frontend
from tests.support.joins import Row, joined, rows_of, spellings
from tests.support.journey import case_of, flag_of, hold_submission, open_reviewed_case, submission_of, submit
from tests.support.people import id_of
from tests.support.waiting import wait_for

Databases = dict[str, asyncpg.Connection]

OPEN_SIDE = ("triage", "transfer")
DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
NICKNAME = "Lee Hargreaves at 31 Garnet Street has visitors until three in the morning. Mags told me so."
OPEN_FLAG_CLOCK = {"triage.safety_flag.flagged_at", "triage.safety_flag.arrived_at"}  # until the case is decided
WORDS = {"status", "topic", "category", "action", "actor"}  # columns with a few words and no reference
CASE_OF_FLAG = "SELECT case_id FROM triage_case WHERE flag_id = $1"


async def open_side(databases: Databases) -> list[Row]:
    return [row for name in OPEN_SIDE for row in await rows_of(databases[name], name)]


def identifying(rows: Iterable[Row]) -> set[str]:
    """Return every spelling of every reference in intake's rows of one submission."""
    values = {
        value
        for row in rows
        for column, value in row.values.items()
        if isinstance(value, str | bytes | UUID) and column not in WORDS and not row.place.endswith(".outbox")
    }
    values |= {ref for row in rows for ref in row.uuids()}
    return {spelling for value in values for spelling in spellings(value)}


async def decide(pipeline: LocalStack, case_id: UUID, **verdict: str) -> None:
    async with Browser(pipeline.address("triage"), OFFICERS[0]) as officer:
        page = Page.read((await officer.read(f"/cases/{case_id}")).text)
        answer = await officer.send(f"/cases/{case_id}/decision", page.fields | verdict | {"reason": "It is needed"})
        assert answer.status == 303


@pytest.fixture
async def travelled(pipeline: LocalStack, frontend: Frontend, databases: Databases) -> Any:
    """Send submissions of two agencies along every path; return the rows before any decision, and the cases by path."""
    other = open_frontend(pipeline, await add_agency(pipeline, f"Agency {uuid4()}"))
    high = await submit(other, narrative=DANGER)
    ways = {
        "recorded": await submit(frontend),
        "not recorded": await submit(other),
        "high": high,
    }
    cases = {way: await case_of(databases, receipt) for way, receipt in ways.items()}
    cases["released"] = await open_reviewed_case(pipeline, frontend, databases, narrative=NICKNAME)
    await hold_submission(other, databases)
    await flag_of(databases, high)
    yield cases
    await other.session.close()


async def assert_nothing_identifies(databases: Databases) -> None:
    intake = await rows_of(databases["intake"], "intake")
    submissions = [row.values["submission_ref"] for row in intake if row.place == "intake.submission"]
    known = identifying(joined(intake, *submissions))
    assert len(known) > len(submissions) * 8  # the search is not empty
    texts = [(row.place, row.text()) for row in await open_side(databases)]
    assert [(place, value) for place, text in texts for value in known if value in text] == []


def exact_moments(rows: Iterable[Row], but: set[str]) -> list[str]:
    """Return each place with a moment more exact than an hour of a day."""
    return [
        f"{place}: {at}"
        for row in rows
        for place, at in row.moments()
        if place not in but and (at.minute or at.second or at.microsecond)
    ]


async def test_no_value_of_intake_stands_on_the_open_side(
    pipeline: LocalStack, databases: Databases, travelled: dict[str, UUID]
) -> None:
    await assert_nothing_identifies(databases)
    await decide(pipeline, travelled["recorded"], outcome="record")
    await decide(pipeline, travelled["not recorded"], outcome="not_record", reason_code="not_timely")

    async def transferred() -> bool:
        query = "SELECT state = 'transferred' FROM triage_case WHERE case_id = $1"
        return bool(await databases["triage"].fetchval(query, travelled["recorded"]))

    await wait_for(transferred, "the receipt")
    await assert_nothing_identifies(databases)


async def test_no_minute_can_be_joined_to_a_case_before_a_person_has_acted_on_it(
    databases: Databases, travelled: dict[str, UUID]
) -> None:
    async def published() -> bool:
        waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        return await databases["triage"].fetchval(waiting) == 0

    await wait_for(published, "what triage has to say")
    rows = await open_side(databases)
    for way, case_id in travelled.items():
        found = joined(rows, case_id)
        assert {row.place for row in found} >= {"triage.triage_case", "triage.outbox", "triage.audit"}, way
        assert exact_moments(found, OPEN_FLAG_CLOCK) == [], way


async def test_a_flags_clock_is_cut_to_the_day_when_its_case_is_decided(
    pipeline: LocalStack, databases: Databases, travelled: dict[str, UUID]
) -> None:
    await decide(pipeline, travelled["high"], outcome="record")
    rows = await open_side(databases)
    flags = [row for row in joined(rows, travelled["high"]) if row.place == "triage.safety_flag"]
    assert len(flags) == 1
    assert exact_moments(flags, {"triage.safety_flag.acknowledged_at"}) == []
    assert flags[0].values["acknowledged_by"] == id_of(pipeline, OFFICERS[0])


async def test_a_value_that_did_stand_there_would_be_found(
    databases: Databases, frontend: Frontend, travelled: dict[str, UUID]
) -> None:
    """Without this test, the tests above would also pass if they searched nothing."""
    ref = await submission_of(databases, await submit(frontend))
    status_ref = await databases["intake"].fetchval("SELECT status_ref FROM submission WHERE submission_ref = $1", ref)
    plant = "INSERT INTO inbox (consumer, event_id) VALUES ('planted', $1)"
    await databases["transfer"].execute(plant, status_ref)
    try:
        with pytest.raises(AssertionError):
            await assert_nothing_identifies(databases)
    finally:
        await databases["transfer"].execute("DELETE FROM inbox WHERE consumer = 'planted'")
    case = next(row for row in await open_side(databases) if row.values.get("case_id") == travelled["recorded"])
    told = {"key": travelled["recorded"], "at": case.values["received_on"].isoformat() + "T10:17:00Z"}
    assert exact_moments([Row("triage.planted", told)], set()) != []
