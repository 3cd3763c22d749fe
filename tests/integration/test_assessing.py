"""The matcher process: a text that hangs or kills it is held; the others of its batch are assessed."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta

import psutil
import pytest

from sanitiser_service.worker.domain import assess
from sanitiser_service.worker.matcher_process import NO_ANSWER, MatcherProcess
from tests.support.building import a_submission, opened
from tests.support.faults import DIES, HANGS, faulty
from tests.support.waiting import wait_for

FINE = opened()


@pytest.fixture
async def assessor() -> AsyncGenerator[MatcherProcess, None]:
    stop, assessor = asyncio.Event(), MatcherProcess(faulty, alone=timedelta(seconds=0.5))
    running = asyncio.create_task(assessor.run(stop))
    yield assessor
    stop.set()
    await running


def children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "pipeline_shared.runtime.child" in " ".join(child.cmdline())
    ]


async def test_outcomes_are_those_of_the_same_process(assessor: MatcherProcess) -> None:
    assert await assessor.assess([FINE, FINE]) == [assess(FINE), assess(FINE)]


@pytest.mark.parametrize("narrative", [HANGS, DIES])
async def test_the_one_text_that_gets_no_answer_is_held_and_the_others_are_not(
    assessor: MatcherProcess, narrative: str
) -> None:
    batch = [FINE, opened(a_submission(narrative=narrative)), FINE]
    assert await assessor.assess(batch) == [assess(FINE), NO_ANSWER, assess(FINE)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_child_that_is_killed_or_frozen_is_replaced(assessor: MatcherProcess, how: signal.Signals) -> None:
    await assessor.assess([FINE])
    (child,) = children()
    os.kill(child.pid, how)
    assert await assessor.assess([FINE]) == [assess(FINE)]


async def test_no_child_outlives_its_assessor() -> None:
    stop, assessor = asyncio.Event(), MatcherProcess(faulty)
    running = asyncio.create_task(assessor.run(stop))
    await assessor.assess([FINE])
    stop.set()
    await running

    async def none_is_left() -> bool:
        return not children()

    await wait_for(none_is_left, "the end of the child")
