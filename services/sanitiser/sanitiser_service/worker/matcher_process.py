"""Assessment in a process of its own: a text that makes a matcher hang or die holds itself and nothing else (D-S3).

What is opened here passes to the child through an anonymous pipe and is never written down. Submissions are matched
together; when that does not come back in time, the child is killed and each of them is tried alone, so that only the
one at fault is held.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.runtime.child import BEHIND, Child
from sanitiser_service.worker.domain import ClearOrHold, Hold, clear_or_hold

ALONE = timedelta(seconds=5)  # far above what the longest text needs, also on a machine that is very busy
EACH_MORE = timedelta(milliseconds=50)
START = timedelta(seconds=60)
NO_ANSWER = Hold(("failed:no_answer",))

Judge = Callable[[SealedContent], ClearOrHold]
T = TypeVar("T")
U = TypeVar("U")

log = structlog.get_logger()


class MatcherProcess:
    """Hands opened submissions to the child and gets back what the matcher says of them, one batch at a time."""

    def __init__(self, judge: Judge = clear_or_hold, *, alone: timedelta = ALONE) -> None:
        self._judge = judge
        self._alone = alone
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Have a child ready before the first submission comes; end it at `stop`."""
        async with self._turn:
            await self._ready_child()
        await stop.wait()
        async with self._turn:
            self._end_child()

    async def match_all(self, batch: Sequence[SealedContent]) -> list[ClearOrHold]:
        """Return what becomes of each submission; one that gets no answer is held."""
        return await self._each([partial(self._judge, opened) for opened in batch], NO_ANSWER)

    async def _each(self, jobs: Sequence[Callable[[], T]], otherwise: U) -> list[T | U]:
        """Return what each job answers, all at once; when there is no answer, each by itself, or `otherwise`."""
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
        """Return a child that answers; raise OSError when none can be had, which says nothing about any submission."""
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
    """Do nothing: whoever runs this has loaded the matcher."""
