"""Child processes with one job each and a time limit for each job; a ready child replaces each one that is lost.

A job that takes too long is interrupted inside its child, and the child takes the next job. A child that dies, or does
not answer even then, is ended. A ready child takes its place at once, so no job waits for a start.
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

GRACE = timedelta(seconds=1)  # time for the interruption; a child that needs longer is ended
START = timedelta(seconds=60)
TURN = timedelta(seconds=10)  # longest wait for a free child
LOOK_SECONDS = 0.1

T = TypeVar("T")

log = structlog.get_logger()


class Children:
    """A number of children with one job each; no job takes longer than `limit`.

    Each child runs `first` before any other job, to load everything that its jobs need.
    """

    def __init__(self, count: int, *, first: Callable[[], object], limit: timedelta) -> None:
        self._count = count
        self._first = first
        self._limit = limit
        self._ready = 0  # free or at work
        self._free: asyncio.LifoQueue[Child] = asyncio.LifoQueue()  # the child used last has everything in the cache
        # separate threads, so that no job waits for the thread of another; a kill and a start need one too
        self._threads = ThreadPoolExecutor(count * 2, thread_name_prefix="children")

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the children ready until `stop`, then end them."""
        while not stop.is_set():
            if self._ready < self._count:
                await self._start_one()
            else:
                await pause(stop, LOOK_SECONDS)
        while not self._free.empty():
            await self._end(self._free.get_nowait())

    async def check(self) -> dict[str, object]:
        """Return the readiness of the children: all of them are there."""
        return {"ok": self._ready == self._count, "ready": self._ready}

    async def do(self, job: Callable[[], T]) -> T | None:
        """Return a job's answer, or None if it takes too long or dies; raise TimeoutError if no child is free."""
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
        try:
            async with asyncio.timeout(START.total_seconds()):
                await self._in_thread(lambda: child.ask([self._first]))
        except (TimeoutError, EOFError, OSError) as error:
            log.error("child_not_started", error=type(error).__name__)
            await self._in_thread(child.kill)
        else:
            self._ready += 1
            self._free.put_nowait(child)

    async def _end(self, child: Child) -> None:
        self._ready -= 1
        await self._in_thread(child.kill)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
