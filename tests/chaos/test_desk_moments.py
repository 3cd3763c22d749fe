"""Kills of the desk around the commit of a release: it has its effect once, or not at all and can be made again."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SUBMISSION_SANITISED
from pipeline_simulators.browsing import Browser, LostAnswerError, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.chaos.moments import END_BLOCKED, locked, until_blocked, until_dead
from tests.support.intake import Frontend
from tests.support.journey import case_of, hold_submission
from tests.support.waiting import until_ready

Databases = dict[str, asyncpg.Connection]

TEXT = "A white van stands outside number 31. Mags has seen it."
ROLE = "sanitiser_desk_app"
STATE = "SELECT state, version FROM held WHERE submission_ref = $1"
EVENTS = """
SELECT count(*) FROM outbox JOIN source_record ON source_ref = key WHERE topic = $1 AND submission_ref = $2
"""


@pytest.fixture
async def whole(pipeline: LocalStack) -> AsyncGenerator[LocalStack, None]:
    """Yield the pipeline, and restore it afterwards."""
    yield pipeline
    for name in ("sanitiser", "desk"):
        pipeline.start(name)
        await until_ready(pipeline, name)


async def release_form(desk: Browser, ref: UUID) -> dict[str, str]:
    page = Page.read((await desk.read(f"/held/{ref}")).text)
    return page.fields | answers_on(page) | {"reason": "Many know it"}


async def state_of(databases: Databases, ref: UUID) -> tuple[object, ...]:
    row = await databases["restricted"].fetchrow(STATE, ref)
    return tuple(row) if row else ()


async def assert_released_once(databases: Databases, receipt: str, ref: UUID) -> None:
    await case_of(databases, receipt)
    assert await state_of(databases, ref) == ("released", 2)
    assert await databases["restricted"].fetchval(EVENTS, SUBMISSION_SANITISED.name, ref) == 1


async def test_a_release_killed_before_its_commit_has_no_effect_and_can_be_made_again(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(whole.address("desk"), SOURCE_DESK) as desk:
        form = await release_form(desk, ref)
        async with locked(whole, "restricted", "LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"):
            sending = asyncio.create_task(desk.send(f"/held/{ref}/release", form))
            await until_blocked(databases["restricted"], ROLE, "INTO outbox")
            await until_dead(whole, "desk")
            with pytest.raises(LostAnswerError):
                await sending
            await databases["restricted"].execute(END_BLOCKED, ROLE)
        assert await state_of(databases, ref) == ("waiting", 1)
        assert await databases["restricted"].fetchval(EVENTS, SUBMISSION_SANITISED.name, ref) == 0
        whole.start("desk")
        await until_ready(whole, "desk")
        assert (await desk.send(f"/held/{ref}/release", form)).status == 303
    await assert_released_once(databases, receipt, ref)


async def test_a_release_goes_onward_once_although_worker_and_desk_are_dead_after_its_commit(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    receipt, ref = await hold_submission(frontend, databases, narrative=TEXT)
    async with Browser(whole.address("desk"), SOURCE_DESK) as desk:
        form = await release_form(desk, ref)
        await until_dead(whole, "sanitiser")
        assert (await desk.send(f"/held/{ref}/release", form)).status == 303
        await until_dead(whole, "desk")
        whole.start("sanitiser")
        whole.start("desk")
        await until_ready(whole, "desk")
        assert (await desk.send(f"/held/{ref}/release", form)).status == 409
    await assert_released_once(databases, receipt, ref)
