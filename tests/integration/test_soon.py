"""SOON through the running pipeline: a flag with its preview on top of the queue, and nothing that rings."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import HighSubmissionReceived
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_simulators.browsing import Browser
from tests.support.building import a_form, a_submission
from tests.support.flags import DANGER, Databases, flag_of, preview_of_flag, submit_high
from tests.support.intake import Frontend
from tests.support.levels import MODEL, accept, hit_on, screened
from tests.support.metrics import figure, read_metrics, until_counted
from tests.support.signing import publish
from tests.support.waiting import wait_for

CASE = "SELECT case_id, level, priority FROM triage_case WHERE flag_id = $1"
LEVEL = "SELECT level FROM safety_flag WHERE flag_id = $1"
WAITING = "SELECT level, count(*) FROM safety_flag WHERE acknowledged_at IS NULL AND NOT settled GROUP BY level"
WORDS = "has a knife"
PLAIN = "A grey van brings boxes to the flat at night."
ALL_NO = dict.fromkeys(("immediate_danger", "child_at_risk", "adult_at_risk", "weapon", "missing_person"), "no")


async def test_what_an_officer_should_see_soon_is_flagged_previewed_and_on_top_and_rings_nobody(
    pipeline: LocalStack, databases: Databases
) -> None:
    before, submission = await read_metrics(pipeline, "sanitiser"), a_submission(narrative=DANGER)
    ref = await accept(pipeline, submission, screened(SafetyLevel.SOON, hit_on(submission, WORDS)))
    flag = await flag_of(databases, ref)
    assert (flag["level"], flag["model"], list(flag["reasons"])) == ("soon", MODEL, ["weapon"])
    preview = await preview_of_flag(databases, flag["flag_id"])
    assert any("knife" in phrase for phrase in preview.phrases)
    await until_counted(pipeline, "sanitiser", before, "pipeline_submissions_total", became="flagged_soon")

    async def case() -> asyncpg.Record | None:
        return await databases["triage"].fetchrow(CASE, flag["flag_id"])

    opened = await wait_for(case, "the case")
    assert opened
    assert (opened["level"], opened["priority"]) == ("soon", "high")
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        page = (await officer.read(f"/flags/{flag['flag_id']}")).text
        assert "It rings nobody" in page
        assert "knife" in page
        assert f"Version of its model: {MODEL}." in page
        assert f'href="/cases/{opened["case_id"]}"' in page


async def test_a_form_whose_answer_is_soon_reaches_the_officers_list_from_http_and_its_sender_gets_no_advice(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    answer, ref = await submit_high(frontend, databases, narrative=PLAIN, risk={"weapon": "yes"})
    assert answer["advice"] == []
    flag = await flag_of(databases, ref)
    assert (flag["level"], flag["reasons"]) == ("soon", ["weapon"])
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        assert "It rings nobody" in (await officer.read(f"/flags/{flag['flag_id']}")).text


async def test_what_cannot_be_opened_keeps_its_level(pipeline: LocalStack, databases: Databases) -> None:
    common: dict[str, Any] = {"event_id": uuid4(), "occurred_at": datetime.now(UTC), "submission_ref": uuid4()}
    event = HighSubmissionReceived(**common, sealed=b"not sealed by anybody", level=SafetyLevel.SOON, model=MODEL)
    await publish(pipeline, event)
    flag = await flag_of(databases, event.submission_ref)
    assert (flag["level"], flag["model"]) == ("soon", MODEL)
    assert json.loads(flag["preview"])["withheld"] == ["everything"]


async def test_no_answer_on_the_form_lowers_the_level(frontend: Frontend, databases: Databases) -> None:
    levels = [
        (await flag_of(databases, (await submit_high(frontend, databases, risk=risk))[1]))["level"]
        for risk in ({}, ALL_NO)
    ]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("field", ["level", "safety", "safety_level", "model", "priority"])
@pytest.mark.parametrize("inside", ["", "risk", "subjects"])
async def test_a_sender_cannot_name_a_level(frontend: Frontend, field: str, inside: str) -> None:
    form = a_form(narrative=DANGER)
    if inside:
        form[inside] = {**form.get(inside, {}), field: "ordinary"}
    else:
        form[field] = "ordinary"
    status, answer = await frontend.submit(form)
    assert (status, answer.get("receipt")) == (422, None)


async def test_only_now_counts_as_waiting_for_an_officer_at_once(pipeline: LocalStack, databases: Databases) -> None:
    submission = a_submission(narrative=DANGER)
    flags = [
        await flag_of(databases, await accept(pipeline, submission, screened(level, hit_on(submission, WORDS))))
        for level in (SafetyLevel.SOON, SafetyLevel.NOW)
    ]
    assert [flag["level"] for flag in flags] == ["soon", "now"]

    async def counted() -> bool:
        figures = await read_metrics(pipeline, "triage")
        rows = await databases["triage"].fetch(WAITING)
        waiting = {row["level"]: row["count"] for row in rows}
        places = {"now": "safety-flags", "soon": "safety-flags-soon"}
        return all(
            figure(figures, "pipeline_waiting", place=place) == waiting.get(level, 0) for level, place in places.items()
        )

    assert await wait_for(counted, "the gauges")
