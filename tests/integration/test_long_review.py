"""A held text with thousands of findings on the running desk: it opens, can be decided, and delays nobody else."""

import asyncio
import time
from typing import Any
from uuid import UUID

import asyncpg
import psutil
import pytest

from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page, PageAnswer
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.support.intake import Frontend
from tests.support.journey import case_of, hold_submission

Databases = dict[str, asyncpg.Connection]

ALTERNATING = ("Mags told me, Maggie saw him. " * 700)[:19_500]
A_ROW = {
    "also_known_as": "Maggie",
    "address": "with Mags",
    "description": "Maggie told her, Mags saw it, Mags heard it",
}
MANY_ROWS = {"people": [{"name": f"Mags Hargreaves {n}", **A_ROW} for n in range(50)]}
LONGEST_PAGE = 500_000
SECOND_REVIEWER = "desk-2"
WRITTEN = "A van stands there at night."
STATE = "SELECT state FROM held WHERE submission_ref = $1"


async def read_beside(site: str, path: str) -> tuple[PageAnswer, list[float]]:
    """Return a page, and the seconds that another reviewer waited for each page meanwhile."""
    waits: list[float] = []
    async with Browser(site, SOURCE_DESK) as desk, Browser(site, SECOND_REVIEWER) as other:
        await asyncio.gather(desk.read("/held"), other.read("/held"))
        opening = asyncio.create_task(desk.read(path))
        while not opening.done():
            began = time.monotonic()
            await other.read("/held")
            waits.append(time.monotonic() - began)
        return await opening, waits


@pytest.mark.parametrize("changes", [{"narrative": ALTERNATING}, {"subjects": MANY_ROWS}], ids=["a text", "rows"])
async def test_it_opens_within_bounds_and_nobody_else_waits(
    changes: dict[str, Any], pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases, **changes)
    page, waits = await read_beside(pipeline.address("desk"), f"/held/{ref}")
    assert page.status == 200
    assert len(page.text.encode()) <= LONGEST_PAGE
    # the rows have many places and few questions; the text has one for each of its sentences
    assert ("too many questions to answer singly" in page.text) == ("narrative" in changes)
    print(f"other pages meanwhile: {len(waits)}, longest {max(waits):.3f} s")  # noqa: T201 - a figure, not a limit
    assert len(waits) > 1


async def release(desk: Browser, ref: UUID, **changes: str) -> PageAnswer:
    page = Page.read((await desk.read(f"/held/{ref}")).text)
    decided = answers_on(page)
    return await desk.send(f"/held/{ref}/release", page.fields | decided | {"reason": "Many know it"} | changes)


async def test_it_is_released_written_anew_or_removed_and_it_is_kept(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        for changes, goes_onward in (({"narrative": WRITTEN}, WRITTEN), ({}, "[REMOVED]")):
            receipt, ref = await hold_submission(frontend, databases, narrative=ALTERNATING)
            assert (await release(desk, ref, **changes)).status == 303
            content = "SELECT content ->> 'narrative' FROM triage_case WHERE case_id = $1"
            assert await databases["triage"].fetchval(content, await case_of(databases, receipt)) == goes_onward
        _, ref = await hold_submission(frontend, databases, narrative=ALTERNATING)
        refused = await release(desk, ref, narrative="Maggie has a van.")
        assert (refused.status, "your text says" in refused.text) == (422, True)
        form = Page.read(refused.text).fields | {"reason": "One only can know it"}
        assert (await desk.send(f"/held/{ref}/hold", form)).status == 303
    assert await databases["restricted"].fetchval(STATE, ref) == "kept"


async def test_while_every_child_is_dead_a_page_opens_and_the_submission_can_be_kept(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await hold_submission(frontend, databases)
    for child in psutil.Process(pipeline.processes.pid("desk")).children():
        child.kill()
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = await desk.read(f"/held/{ref}")
        assert page.status == 200
        form = Page.read(page.text).fields | {"reason": "One only can know it"}
        assert (await desk.send(f"/held/{ref}/hold", form)).status == 303
    assert await databases["restricted"].fetchval(STATE, ref) == "kept"
