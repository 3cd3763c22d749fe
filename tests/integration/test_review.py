"""The source desk's review on the running sanitiser: the server, not the page, insists that each finding is decided."""

import json
from typing import Any

import asyncpg

from pipeline_local.browsing import Browser, Page
from pipeline_local.people import SOURCE_DESK, findings_to_decide
from pipeline_local.stack import LocalStack
from tests.support.intake import Frontend
from tests.support.journey import case_of, hold_submission

TEXT = "A white van stands outside number 31. Mags has seen it."
CONTENT = "SELECT content FROM triage_case WHERE case_id = $1"


async def content_of_case(databases: dict[str, asyncpg.Connection], receipt: str) -> dict[str, Any]:
    content = await databases["triage"].fetchval(CONTENT, await case_of(databases, receipt))
    assert content
    return json.loads(content)


async def test_a_release_with_one_finding_undecided_is_refused_and_with_all_decided_it_goes(
    pipeline: LocalStack, frontend: Frontend, databases: dict[str, asyncpg.Connection]
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


async def test_what_a_person_typed_is_released_also_when_the_form_came_back_with_an_error(
    pipeline: LocalStack, frontend: Frontend, databases: dict[str, asyncpg.Connection]
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(pipeline.address("sanitiser"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        decisions = {f"decide.{key}": "accept" for key in findings_to_decide(page)}
        typed = {"narrative": "A van stands outside number 31."}
        refused = await desk.send(f"/held/{ref}/release", page.fields | decisions | typed)
        assert refused.status == 422
        assert "you decided to take out" not in refused.text
        again = Page.read(refused.text).fields | decisions | {"reason": "Many could have told it"}
        assert (await desk.send(f"/held/{ref}/release", again)).status == 303
    assert (await content_of_case(databases, receipt))["narrative"] == typed["narrative"]


async def test_a_decision_counts_also_when_the_text_was_sent_with_other_line_ends(
    pipeline: LocalStack, frontend: Frontend, databases: dict[str, asyncpg.Connection]
) -> None:
    narrative = "A white van stands there.\r\nMags has seen it.\r\nIt comes at night."
    receipt, ref = await hold_submission(frontend, databases, narrative=narrative, title="A van\nat night")
    async with Browser(pipeline.address("sanitiser"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        decided = page.fields | {f"decide.{key}": "accept" for key in findings_to_decide(page)}
        unread = decided | {"narrative": page.fields["narrative"].replace("[SOURCE]", "Mags")}
        refused = await desk.send(f"/held/{ref}/release", unread | {"reason": "Many could have told it"})
        assert (refused.status, "you decided to take out" in refused.text) == (422, True)
        assert (await desk.send(f"/held/{ref}/release", decided | {"reason": "Many"})).status == 303
    content = await content_of_case(databases, receipt)
    assert "[SOURCE] has seen it." in content["narrative"]
    assert content["title"].split() == ["A", "van", "at", "night"]
