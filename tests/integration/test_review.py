"""The review on the running desk: the server, not the page, enforces that each question is answered."""

import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import generate_pair, load_public
from pipeline_shared.crypto.sealing import Recipient
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from sanitiser_service.open_submission import OpenSubmission, seal_held
from tests.support.building import opened
from tests.support.intake import Frontend
from tests.support.journey import case_of, hold_submission

TEXT = "A white van stands outside number 31. Mags has seen it."
RESEAL = "UPDATE held SET sealed = $2 WHERE submission_ref = $1"
SECOND_REVIEWER = "desk-2"
Databases = dict[str, asyncpg.Connection]
CONTENT = "SELECT content FROM triage_case WHERE case_id = $1"


async def content_of_case(databases: Databases, receipt: str) -> dict[str, Any]:
    content = await databases["triage"].fetchval(CONTENT, await case_of(databases, receipt))
    assert content
    return json.loads(content)


async def form_of(reviewer: Browser, ref: UUID) -> dict[str, str]:
    """Return the form of a held submission with every question answered."""
    page = Page.read((await reviewer.read(f"/held/{ref}")).text)
    return page.fields | answers_on(page)


async def test_a_release_with_one_question_unanswered_is_refused_and_with_all_answered_it_goes(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=f"{TEXT} She told Mags alone.", title="Mags")
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        answers = answers_on(page)
        assert sum(name.startswith("decide.name:") for name in answers) == 1  # one for its three places
        answered = page.fields | {"reason": "Many could have told it"} | answers
        for name in answers:
            without = {field: value for field, value in answered.items() if field != name}
            for form in (without, answered | {name: "accept"}):
                refused = await desk.send(f"/held/{ref}/release", form)
                assert refused.status == 422
                assert "Answer question" in refused.text
        assert (await desk.send(f"/held/{ref}/release", answered)).status == 303
    content = await content_of_case(databases, receipt)
    assert content["title"] == "[SOURCE]"
    assert "Mags" not in content["narrative"]


async def test_a_sentence_that_a_reviewer_rewrites_goes_onward_as_written_and_not_as_it_was(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    narrative = "A white van stands outside number 31. She told me alone in my clinic and made me promise to keep it."
    receipt, ref = await hold_submission(frontend, databases, narrative=narrative)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        rewriting = {name: "rewrite" for name in answers_on(page) if name.startswith("decide.telling:")}
        assert rewriting
        form = page.fields | answers_on(page, keep=True) | rewriting | {"reason": "Many could have told it"}
        refused = await desk.send(f"/held/{ref}/release", form)
        assert (refused.status, "you chose to rewrite" in refused.text) == (422, True)
        typed = {"narrative": "A white van stands outside number 31. This became known in confidence."}
        assert (await desk.send(f"/held/{ref}/release", form | typed)).status == 303
    assert (await content_of_case(databases, receipt))["narrative"] == typed["narrative"]


async def test_what_a_person_typed_is_released_also_when_the_form_came_back_with_an_error(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        decisions = answers_on(page)
        typed = {"narrative": "A van stands outside number 31."}
        refused = await desk.send(f"/held/{ref}/release", page.fields | decisions | typed)
        assert refused.status == 422
        assert "you decided to take out" not in refused.text
        again = Page.read(refused.text).fields | decisions | {"reason": "Many could have told it"}
        assert (await desk.send(f"/held/{ref}/release", again)).status == 303
    assert (await content_of_case(databases, receipt))["narrative"] == typed["narrative"]


async def test_a_decision_counts_also_when_the_text_was_sent_with_other_line_ends(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    narrative = "A white van stands there.\r\nMags has seen it.\r\nIt comes at night."
    receipt, ref = await hold_submission(frontend, databases, narrative=narrative, title="A van\nat night")
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        decided = await form_of(desk, ref)
        unread = decided | {"narrative": decided["narrative"].replace("[SOURCE]", "Mags")}
        refused = await desk.send(f"/held/{ref}/release", unread | {"reason": "Many could have told it"})
        assert (refused.status, "you decided to take out" in refused.text) == (422, True)
        assert (await desk.send(f"/held/{ref}/release", decided | {"reason": "Many"})).status == 303
    content = await content_of_case(databases, receipt)
    assert "\n[SOURCE] " in content["narrative"]
    assert content["title"].split() == ["A", "van", "at", "night"]


@pytest.mark.parametrize("late", ["release", "hold", "preview"])
async def test_of_two_reviewers_the_one_who_comes_after_a_release_is_told_and_keeps_what_was_typed(
    late: str, pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    site = pipeline.address("desk")
    async with Browser(site, SOURCE_DESK) as first, Browser(site, SECOND_REVIEWER) as second:
        form, late_form = await form_of(first, ref), await form_of(second, ref)
        assert (await first.send(f"/held/{ref}/release", form | {"reason": "Many could have told it"})).status == 303
        typed = {"narrative": "A <white> van stands in the street.", "reason": "Too few know it"}
        answer = await second.send(f"/held/{ref}/{late}", late_form | typed)
        assert answer.status == 409
        assert "Somebody else decided first" in answer.text
        assert "A &lt;white&gt; van stands in the street." in answer.text
        assert "Too few know it" in answer.text
        assert (await second.read(f"/held/{ref}")).status == 404
    state = await databases["restricted"].fetchrow("SELECT state, version FROM held WHERE submission_ref = $1", ref)
    assert state
    assert tuple(state) == ("released", 2)


async def test_what_another_has_kept_held_is_not_released_by_a_form_that_was_made_before(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    site = pipeline.address("desk")
    async with Browser(site, SOURCE_DESK) as first, Browser(site, SECOND_REVIEWER) as second:
        form, late = await form_of(first, ref), await form_of(second, ref)
        assert (await first.send(f"/held/{ref}/hold", form | {"reason": "Only one can know it"})).status == 303
        shown_again = Page.read((await second.send(f"/held/{ref}/preview", late)).text).fields
        released = await second.send(f"/held/{ref}/release", late | shown_again | {"reason": "Many know it"})
        assert released.status == 409


async def test_a_submission_whose_key_is_no_longer_there_is_said_to_be_so_and_what_was_typed_is_kept(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        form = await form_of(desk, ref) | {"reason": "Many could have told it"}
        earlier = Recipient("desk-0", load_public(generate_pair().public))
        submission = OpenSubmission(content=opened(), source_ref=uuid4(), flag_id=uuid4(), event_id=uuid4())
        sealed = seal_held(ref, submission, [earlier])
        await databases["restricted"].execute(RESEAL, ref, sealed)
        page = await desk.read(f"/held/{ref}")
        assert page.status == 409
        assert "cannot be opened" in page.text
        answer = await desk.send(f"/held/{ref}/release", form)
        assert answer.status == 409
        assert "Many could have told it" in answer.text
    assert await databases["restricted"].fetchval("SELECT state FROM held WHERE submission_ref = $1", ref) == "waiting"
