"""A text in another language on the running pipeline: flagged, held, released by a person, marked as unread."""

from uuid import UUID

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.journey import case_of, flag_of, submission_of
from tests.support.waiting import wait_for

Databases = dict[str, asyncpg.Connection]
HELD = "SELECT reasons FROM held WHERE submission_ref = $1"
LABEL = "Not read: other language"


@pytest.mark.parametrize(
    "changes",
    [
        {"narrative": "On mnie bije i grozi, że mnie zabije. Proszę o pomoc."},
        {"narrative": "A note was found at the desk.", "title": "El tiene una pistola y me va a matar"},
    ],
)
async def test_what_is_in_another_language_is_flagged_held_and_marked_until_the_case(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, changes: dict[str, str]
) -> None:
    status, answer = await frontend.submit(a_form(**changes))
    assert status == 202
    assert [advice["code"] for advice in answer["advice"]][:2] == ["call_999", "not_read_other_language"]
    flag_id = await flag_of(databases, answer["receipt"])
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        assert LABEL in (await officer.read(f"/flags/{flag_id}")).text

    ref = await submission_of(databases, answer["receipt"])
    reasons = await wait_for(lambda: databases["restricted"].fetchval(HELD, ref), "the hold") or ()
    assert "unread:other_language" in reasons
    await _release(pipeline, ref)
    case_id = await case_of(databases, answer["receipt"])
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        assert LABEL.lower() in (await officer.read(f"/cases/{case_id}")).text


async def _release(pipeline: LocalStack, ref: UUID) -> None:
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        assert "Part of this is not in English" in (await desk.read("/held")).text
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        decided = answers_on(page)
        form = page.fields | decided | {"reason": "An interpreter has read it"}
        assert (await desk.send(f"/held/{ref}/release", form)).status == 303
