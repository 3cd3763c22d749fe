"""Children that do one job at a time: one that hangs, dies or freezes loses its own answer and no other."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from functools import partial

import psutil
import pytest

from pipeline_shared.runtime.child import BEHIND
from pipeline_shared.runtime.children import Children
from tests.support.faults import core_limit, die, wait_for_ever
from tests.support.waiting import wait_for

LIMIT = timedelta(seconds=0.3)
Job = Callable[[], object]


def running() -> list[psutil.Process]:
    """Return running children."""
    return [
        child for child in psutil.Process().children() if "pipeline_shared.runtime.child" in " ".join(child.cmdline())
    ]


@pytest.fixture
async def children() -> AsyncGenerator[Children, None]:
    stop, children = asyncio.Event(), Children(2, first=core_limit, limit=LIMIT)
    task = asyncio.create_task(children.run(stop))
    yield children
    stop.set()
    await task


async def until_both_run() -> set[int]:
    async def both() -> set[int]:
        pids = {child.pid for child in running()}
        return pids if len(pids) == 2 else set()

    return await wait_for(both, "two children")


async def test_a_job_that_takes_too_long_is_interrupted_and_its_child_goes_on(children: Children) -> None:
    pids = await until_both_run()
    for _ in range(3):
        assert await children.do(wait_for_ever) is None
    assert await children.do(os.getpid) in pids
    assert await until_both_run() == pids


async def test_what_may_wait_lets_others_go_first(children: Children) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert await children.do(partial(os.getpriority, os.PRIO_PROCESS, 0)) == min(ours + BEHIND, 19)


async def test_a_child_that_dies_gives_no_answer_and_the_next_job_has_the_other_one_at_once(children: Children) -> None:
    pids = await until_both_run()
    assert await children.do(die) is None
    assert await children.do(os.getpid) in pids
    assert await until_both_run() - pids


async def test_the_check_says_whether_all_children_are_there(children: Children) -> None:
    async def all_are_there() -> bool:
        return bool((await children.check())["ok"])

    await wait_for(all_are_there, "two children")
    assert await children.do(die) is None
    assert await children.check() == {"ok": False, "ready": 1}
    await wait_for(all_are_there, "a child in the place of the other")


async def test_a_frozen_child_is_ended_and_replaced(children: Children) -> None:
    pids = await until_both_run()
    frozen = await children.do(os.getpid)
    assert frozen
    os.kill(frozen, signal.SIGSTOP)
    assert await children.do(os.getpid) is None
    assert await children.do(os.getpid) in pids - {frozen}
    assert frozen not in await until_both_run()


async def test_jobs_that_hang_leave_the_loop_free(children: Children) -> None:
    await until_both_run()
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    jobs: list[Awaitable[object]] = [children.do(wait_for_ever) for _ in range(4)]
    assert await asyncio.gather(*jobs) == [None] * 4
    ticking.cancel()
    assert len(ticks) > 20


async def test_no_child_outlives_a_stop() -> None:
    stop, children = asyncio.Event(), Children(2, first=core_limit, limit=LIMIT)
    task = asyncio.create_task(children.run(stop))
    assert await children.do(partial(abs, -1)) == 1
    stop.set()
    await task

    async def none_is_left() -> bool:
        return not running()

    await wait_for(none_is_left, "the end of the children")


async def test_a_child_leaves_no_core_dump(children: Children) -> None:
    assert await children.do(core_limit) == (0, 0)
