"""Triage reads of a time only the day and its part, unless a reviewer at the source desk released more."""

import json
from typing import Any

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.support.intake import Frontend
from tests.support.journey import case_of, hold_submission, open_case

Databases = dict[str, asyncpg.Connection]

CONTENT = "SELECT content FROM triage_case WHERE case_id = $1"
EXACT = "SELECT count(*) FROM audit WHERE action = 'exact_time_released' AND subject = $1"
NICKNAME = "Lee Hargreaves has visitors until three in the morning. Mags told me so."
OCCURRENCE = {"began_at": "2026-06-30T23:23:40Z", "ended_at": "2026-07-01T11:00:00+01:00", "place": "side gate"}
DAY = {"year": 2026, "month": 7, "day": 1, "part": None, "exact": None}


async def occurrence_of(databases: Databases, case_id: Any) -> dict[str, Any]:
    content = await databases["triage"].fetchval(CONTENT, case_id)
    assert content
    return json.loads(content)["occurrence"]


async def test_without_a_reader_the_day_and_its_part_go_onward(frontend: Frontend, databases: Databases) -> None:
    seen = await occurrence_of(databases, await open_case(frontend, databases, occurrence=OCCURRENCE))
    assert seen["began"] == DAY | {"part": "night"}
    assert seen["ended"] == DAY | {"part": "morning"}
    assert seen["place"] == "side gate"


async def test_a_month_alone_goes_onward_as_it_was_given(frontend: Frontend, databases: Databases) -> None:
    seen = await occurrence_of(databases, await open_case(frontend, databases, occurrence={"approximate": "2026-07"}))
    assert (seen["began"], seen["ended"]) == (DAY | {"day": None}, None)


@pytest.mark.parametrize(
    ("chosen", "began"),
    [
        (None, DAY | {"part": "night"}),
        ("day", DAY),
        ("month", DAY | {"day": None}),
        ("left_out", None),
        ("exact", DAY | {"part": "night", "exact": "2026-06-30T23:23:40Z"}),
        ("nonsense", DAY | {"part": "night"}),
    ],
)
async def test_a_reader_chooses_how_exactly_a_time_goes_onward(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, chosen: str | None, began: dict[str, Any] | None
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=NICKNAME, occurrence=OCCURRENCE)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        text = (await desk.read(f"/held/{ref}")).text
        assert "1 July 2026, 00:23" in text
        page = Page.read(text)
        decided = answers_on(page, keep=True) | {"reason": "Many could tell it"}
        form = page.fields | decided | ({"time": chosen} if chosen else {})
        assert (await desk.send(f"/held/{ref}/release", form)).status == 303
    assert (await occurrence_of(databases, await case_of(databases, receipt)))["began"] == began
    assert await databases["restricted"].fetchval(EXACT, str(ref)) == (1 if chosen == "exact" else 0)
