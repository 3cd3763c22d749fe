"""The source desk's review on the running sanitiser: the server, not the page, insists that each finding is decided."""

from uuid import UUID

import asyncpg
import pytest

from pipeline_local.browsing import Browser, Page
from pipeline_local.people import SOURCE_DESK, findings_to_decide
from pipeline_local.stack import LocalStack
from pipeline_shared.keys import generate_pair, load_public
from pipeline_shared.sealing import Context, Recipient, seal
from sanitiser_service.usecases import RECEIVED_PURPOSE
from tests.support.building import opened
from tests.support.intake import Frontend
from tests.support.journey import hold_submission

TEXT = "A white van stands outside number 31. Mags has seen it."
RESEAL = "UPDATE held SET sealed = $2 WHERE submission_ref = $1"
SECOND_REVIEWER = "demo:desk-2"
Databases = dict[str, asyncpg.Connection]


async def form_of(reviewer: Browser, ref: UUID) -> dict[str, str]:
    """Return a held submission's form with every finding decided."""
    page = Page.read((await reviewer.read(f"/held/{ref}")).text)
    return page.fields | {f"decide.{key}": "accept" for key in findings_to_decide(page)}


async def test_a_release_with_one_finding_undecided_is_refused_and_with_all_decided_it_goes(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(pipeline.address("sanitiser"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        keys = findings_to_decide(page)
        assert any("nickname" in key for key in keys)
        decided = page.fields | {"reason": "Many could have told it"} | {f"decide.{key}": "accept" for key in keys}
        for key in keys:
            form = {name: value for name, value in decided.items() if name != f"decide.{key}"}
            refused = await desk.send(f"/held/{ref}/release", form)
            assert refused.status == 422
            assert "Decide on finding" in refused.text
        assert (await desk.send(f"/held/{ref}/release", decided)).status == 303


@pytest.mark.parametrize("late", ["release", "hold", "preview"])
async def test_of_two_reviewers_the_one_who_comes_after_a_release_is_told_and_keeps_what_was_typed(
    late: str, pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    site = pipeline.address("sanitiser")
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


async def test_a_submission_whose_key_is_no_longer_there_is_said_to_be_so_and_what_was_typed_is_kept(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(pipeline.address("sanitiser"), SOURCE_DESK) as desk:
        form = await form_of(desk, ref) | {"reason": "Many could have told it"}
        earlier = Recipient("sanitiser-0", load_public(generate_pair().public))
        sealed = seal(opened().model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [earlier])
        await databases["restricted"].execute(RESEAL, ref, sealed)
        page = await desk.read(f"/held/{ref}")
        assert page.status == 409
        assert "cannot be opened" in page.text
        answer = await desk.send(f"/held/{ref}/release", form)
        assert answer.status == 409
        assert "Many could have told it" in answer.text
    assert await databases["restricted"].fetchval("SELECT state FROM held WHERE submission_ref = $1", ref) == "waiting"
