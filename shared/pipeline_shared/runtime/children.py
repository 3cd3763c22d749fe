"""Child processes that do one job each at a time, with a limit on its time, and with a warm one for each that is lost.

A job that takes too long is interrupted inside its child, which goes on to the next. A child that does not answer even
then, or dies, is ended, and one that is ready already takes its place: nobody waits for a start.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from pipeline_shared.runtime.child import BEHIND, Child
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.time_limit import within

GRACE = timedelta(seconds=1)  # to be interrupted in; a child that needs longer is ended
START = timedelta(seconds=60)
TURN = timedelta(seconds=10)  # longest wait for a free child
LOOK_SECONDS = 0.1

T = TypeVar("T")

log = structlog.get_logger()


class Children:
    """So many children, each with one job at a time; no job takes longer than `limit`.

    Each does `first` before it is handed any other: what its jobs need is loaded then.
    """

    def __init__(self, count: int, *, first: Callable[[], object], limit: timedelta) -> None:
        self._count = count
        self._first = first
        self._limit = limit
        self._alive = 0
        self._free: asyncio.LifoQueue[Child] = asyncio.LifoQueue()  # the one used last has all it needs at hand
        # of its own, so that a job never waits for the thread in which another waits; a kill and a start need one, too
        self._threads = ThreadPoolExecutor(count * 2, thread_name_prefix="children")

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the children ready until `stop`, then end them."""
        while not stop.is_set():
            if self._alive < self._count:
                await self._start_one()
            else:
                await pause(stop, LOOK_SECONDS)
        while not self._free.empty():
            await self._end(self._free.get_nowait())

    async def do(self, job: Callable[[], T]) -> T | None:
        """Return what a job answers, None when it takes too long or dies; raise TimeoutError when there is no child."""
        limited = partial(within, self._limit.total_seconds(), job, None)
        answers: list[T | None] = []
        child = await self._take()
        try:
            async with asyncio.timeout((self._limit + GRACE).total_seconds()):
                answers = await self._in_thread(lambda: child.ask([limited]))
        except (TimeoutError, EOFError, OSError) as error:
            log.error("child_without_answer", error=type(error).__name__)
        finally:
            if answers:
                self._free.put_nowait(child)
            else:
                await self._end(child)
        return answers[0] if answers else None

    async def _take(self) -> Child:
        async with asyncio.timeout(TURN.total_seconds()):
            while not (child := await self._free.get()).is_alive():
                await self._end(child)
            return child

    async def _start_one(self) -> None:
        child = await self._in_thread(partial(Child, niceness=BEHIND))
        self._alive += 1
        try:
            async with asyncio.timeout(START.total_seconds()):
                await self._in_thread(lambda: child.ask([self._first]))
        except (TimeoutError, EOFError, OSError) as error:
            log.error("child_not_started", error=type(error).__name__)
            await self._end(child)
        else:
            self._free.put_nowait(child)

    async def _end(self, child: Child) -> None:
        self._alive -= 1
        await self._in_thread(child.kill)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
