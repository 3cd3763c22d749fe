"""Runs the matcher in a child process. If a text makes it hang or crash, only that submission is held (D-S3).

Opened submissions pass to the child through an anonymous pipe and are never written to disk. A batch is matched
together. If no answer comes in time, the child is killed and each submission is tried alone, so that only the faulty
one is held.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.runtime.child import BEHIND, Child
from sanitiser_service.matcher.disclosure.telling import encoder
from sanitiser_service.worker.domain import ClearOrHold, Hold, clear_or_hold

ALONE = timedelta(seconds=5)  # far more than the longest text needs, even on a very busy machine
EACH_MORE = timedelta(milliseconds=500)  # the longest text takes less on an idle machine
START = timedelta(seconds=60)
NO_ANSWER = Hold(("failed:no_answer",))

Judge = Callable[[SealedContent], ClearOrHold]
T = TypeVar("T")
U = TypeVar("U")

log = structlog.get_logger()


class MatcherProcess:
    """Sends opened submissions to the child, one batch at a time, and returns the results of the matcher."""

    def __init__(self, judge: Judge = clear_or_hold, *, alone: timedelta = ALONE) -> None:
        self._judge = judge
        self._alone = alone
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Start a child before the first submission comes, and end it at `stop`."""
        async with self._turn:
            await self._ready_child()
        await stop.wait()
        async with self._turn:
            self._end_child()

    async def match_all(self, batch: Sequence[SealedContent]) -> list[ClearOrHold]:
        """Return clear or hold for each submission: hold if it gets no answer."""
        return await self._each([partial(self._judge, opened) for opened in batch], NO_ANSWER)

    async def _each(self, jobs: Sequence[Callable[[], T]], otherwise: U) -> list[T | U]:
        """Send jobs together; if no answer comes, send each alone. Return answers, `otherwise` for a missing one."""
        async with self._turn:
            together = await self._ask(jobs)
            if together is not None:
                return [*together]
            return [answer[0] if (answer := await self._ask([job])) else otherwise for job in jobs]

    async def _ask(self, jobs: Sequence[Callable[[], T]]) -> list[T] | None:
        patience = self._alone + EACH_MORE * (len(jobs) - 1)
        child = await self._ready_child()
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await asyncio.to_thread(child.ask, jobs)
        except (TimeoutError, EOFError, OSError) as error:
            log.error("matching_failed", error=type(error).__name__, count=len(jobs))
            self._end_child()
            return None

    async def _ready_child(self) -> Child:
        """Return a child that answers.

        Raise OSError if none starts; that is a fault of the machine, not of a submission.
        """
        if self._child is None or not self._child.is_alive():
            self._end_child()
            child = await asyncio.to_thread(Child, niceness=BEHIND)
            try:
                async with asyncio.timeout(START.total_seconds()):
                    await asyncio.to_thread(child.ask, (_be_ready,))
            except (TimeoutError, EOFError) as error:
                child.kill()
                raise ChildProcessError from error
            self._child = child
        return self._child

    def _end_child(self) -> None:
        if self._child:
            self._child.kill()
        self._child = None


def _be_ready() -> None:
    """Load the encoder; a child that can run this has loaded the rest of the matcher."""
    encoder()
