"""The matcher process: a text that hangs or kills it is held; the others of its batch are matched."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta

import psutil
import pytest

from sanitiser_service.worker.domain import clear_or_hold
from sanitiser_service.worker.matcher_process import NO_ANSWER, MatcherProcess
from tests.support.building import a_submission, opened
from tests.support.faults import DIES, HANGS, faulty, with_faulty_encoder
from tests.support.waiting import wait_for

FINE = opened()


@pytest.fixture(params=[faulty, with_faulty_encoder])
async def matcher(request: pytest.FixtureRequest) -> AsyncGenerator[MatcherProcess, None]:
    stop, matcher = asyncio.Event(), MatcherProcess(request.param, alone=timedelta(seconds=0.5))
    running = asyncio.create_task(matcher.run(stop))
    yield matcher
    stop.set()
    await running


def children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "pipeline_shared.runtime.child" in " ".join(child.cmdline())
    ]


async def test_outcomes_are_those_of_the_same_process(matcher: MatcherProcess) -> None:
    assert await matcher.match_all([FINE, FINE]) == [clear_or_hold(FINE), clear_or_hold(FINE)]


@pytest.mark.parametrize("narrative", [HANGS, DIES])
async def test_the_one_text_that_gets_no_answer_is_held_and_the_others_are_not(
    matcher: MatcherProcess, narrative: str
) -> None:
    batch = [FINE, opened(a_submission(narrative=narrative)), FINE]
    assert await matcher.match_all(batch) == [clear_or_hold(FINE), NO_ANSWER, clear_or_hold(FINE)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_child_that_is_killed_or_frozen_is_replaced(matcher: MatcherProcess, how: signal.Signals) -> None:
    await matcher.match_all([FINE])
    (child,) = children()
    os.kill(child.pid, how)
    assert await matcher.match_all([FINE]) == [clear_or_hold(FINE)]


async def test_no_child_outlives_its_matcher_process() -> None:
    stop, matcher = asyncio.Event(), MatcherProcess(faulty)
    running = asyncio.create_task(matcher.run(stop))
    await matcher.match_all([FINE])
    stop.set()
    await running

    async def none_is_left() -> bool:
        return not children()

    await wait_for(none_is_left, "the end of the child")
