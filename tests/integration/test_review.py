"""The source desk's review on the running sanitiser: the server, not the page, insists that each finding is decided."""

import asyncpg

from pipeline_local.browsing import Browser, Page
from pipeline_local.people import SOURCE_DESK, findings_to_decide
from pipeline_local.stack import LocalStack
from tests.support.intake import Frontend
from tests.support.journey import hold_submission

TEXT = "A white van stands outside number 31. Mags has seen it."


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
