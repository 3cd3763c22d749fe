"""The safety screen in processes of its own, so that no text keeps the service from answering (D-T0).

Agencies are screened in turn, and short texts have a child that takes nothing else: however much one agency sends, and
however long its texts are, another's waits for what is being screened now and for one turn of each of the others. A
text whose screen takes too long, dies or does not begin in time is HIGH, because nobody has read it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from intake_service.screening.deadline import Deadline
from intake_service.screening.screen import Screening, answered, screen, unscreened
from intake_service.screening.submitted import texts_of
from intake_service.screening.turns import Turns
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.restricted import Submission
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.runtime.child import Child

CPU_SECONDS = 1.0  # the longest text that is accepted needs less; the screen itself looks at this
ANSWER_SECONDS = 3.0  # then the child is killed: it hangs
PATIENCE_SECONDS = 5.0  # from the request to the answer, whatever waits before it
START_SECONDS = 60.0
SHORT = 4_000  # characters of all texts together: screened in some milliseconds
MOST_WAITING = 1_000_000  # characters of one agency
AT_LEAST = 2_000  # what a short one counts: so at most 500 wait

Screen = Callable[[Mapping[str, str], RiskAnswers], Screening]

log = structlog.get_logger()


class TooMuchAtOnceError(Exception):
    """Too much of this agency waits to be screened: nothing is stored, and it may try again soon."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    job: Callable[[], Screening]
    answer: "asyncio.Future[Screening | None]"


def screen_in_time(texts: Mapping[str, str], answers: RiskAnswers) -> Screening:
    """Screen what a partner wrote and answered within CPU_SECONDS; the rest is unscreened."""
    return screen(texts, answers, Deadline.after(CPU_SECONDS))


class Screeners:
    """Screens submissions in children, the first of which takes short texts only."""

    def __init__(
        self,
        screen_one: Screen = screen_in_time,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._screen_one = screen_one
        self._answer_seconds = answer_seconds
        self._patience_seconds = patience_seconds
        self._short: Turns[_Waiting] = Turns(MOST_WAITING)
        self._long: Turns[_Waiting] = Turns(MOST_WAITING)
        self._arrived = asyncio.Event()
        self._started: set[bool] = set()

    @property
    def have_started(self) -> bool:
        """Tell whether both kinds of children have been there: a service that has just started has none yet."""
        return len(self._started) == len((True, False))

    async def check(self) -> dict[str, object]:
        """Return what readiness needs to know."""
        return {"ok": self.have_started}

    async def screen(self, agency_id: UUID, submission: Submission) -> Screening:
        """Return what the screen says of an agency's submission; raise TooMuchAtOnceError."""
        texts = texts_of(submission)
        size = sum(map(len, texts.values()))
        answer: asyncio.Future[Screening | None] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(partial(self._screen_one, texts, submission.risk), answer)
        turns = self._short if size <= SHORT else self._long
        if not turns.add(agency_id, waiting, max(size, AT_LEAST)):
            raise TooMuchAtOnceError
        self._arrived.set()
        try:
            async with asyncio.timeout(self._patience_seconds):
                screening = await answer
        except TimeoutError:
            screening = None
        screening = screening or Screening((*answered(submission.risk), unscreened("no_answer")))
        if SafetyReason.UNSCREENED in screening.reasons:
            log.error("unscreened", error=next(h.rule for h in screening.hits if h.reason is SafetyReason.UNSCREENED))
        return screening

    async def work(self, stop: asyncio.Event, *, only_short: bool) -> None:
        """Screen in a child of one's own until `stop`; requests are all answered before a service stops."""
        screener = _Screener(self._answer_seconds)
        working = asyncio.create_task(self._work(screener, only_short=only_short))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()  # raises what has ended it
        finally:
            self._started.discard(only_short)
            working.cancel()
            stopping.cancel()
            screener.end()

    async def _work(self, screener: "_Screener", *, only_short: bool) -> None:
        await screener.get_ready()
        self._started.add(only_short)
        while True:
            waiting = self._next(only_short=only_short)
            if waiting is None:
                self._arrived.clear()
                await self._arrived.wait()
            elif not waiting.answer.done():  # else it has waited too long already
                screening = await screener.ask(waiting.job)
                if not waiting.answer.done():
                    waiting.answer.set_result(screening)

    def _next(self, *, only_short: bool) -> _Waiting | None:
        return self._short.take() if only_short else self._long.take() or self._short.take()


class _Screener:
    """One child, started anew when it has died or hangs."""

    def __init__(self, answer_seconds: float) -> None:
        self._answer_seconds = answer_seconds
        self._child: Child | None = None

    async def get_ready(self) -> Child:
        """Return a child that has loaded the screen; raise OSError when none can be had."""
        if self._child is None or not self._child.is_alive():
            self.end()
            self._child = await asyncio.to_thread(Child)
            try:
                async with asyncio.timeout(START_SECONDS):
                    await asyncio.to_thread(self._child.ask, (_be_ready,))
            except (TimeoutError, EOFError) as error:
                self.end()
                raise ChildProcessError from error
        return self._child

    async def ask(self, job: Callable[[], Screening]) -> Screening | None:
        """Return what a job answers; None when it hangs, or when its child has died twice."""
        for _ in range(2):
            child = await self.get_ready()
            try:
                async with asyncio.timeout(self._answer_seconds):
                    (screening,) = await asyncio.to_thread(child.ask, (job,))
                    return screening
            except TimeoutError:
                self.end()
                return None
            except (EOFError, OSError):
                self.end()
        return None

    def end(self) -> None:
        """End the child, whatever it is doing."""
        if self._child:
            self._child.kill()
        self._child = None


def _be_ready() -> None:
    """Do nothing: whoever runs this has loaded the screen."""
