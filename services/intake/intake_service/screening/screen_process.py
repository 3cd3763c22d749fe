"""Runs the safety screen in child processes, so that no text can stop the service from answering (D-T0).

Agencies take turns, and one child screens only short texts. However many or long texts an agency sends, a text of
another agency waits only for the current one and for one turn of each other agency. A text that takes too long, crashes
the child or does not start in time gets the policy's level, because nothing has screened it. Only the children load the
sentence encoder.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from intake_service.screening.deadline import Deadline
from intake_service.screening.screen import Screening, level_of, screen, unread
from intake_service.screening.screened_texts import texts_of
from intake_service.screening.turns import Turns
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.restricted import Submission
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.runtime.child import Child

CPU_SECONDS = 2.0  # the longest accepted texts need half a second; the screen checks this limit itself
ANSWER_SECONDS = 4.0  # after this the child is taken to hang and is killed
PATIENCE_SECONDS = 5.0  # from the request to the answer, including the wait in the queue
START_SECONDS = 60.0
ALARM = "My neighbour is stabbing his wife in the hall right now, there is blood everywhere and the kids are screaming."
SHORT = 4_000  # characters of all texts together, which take some milliseconds
MOST_WAITING = 1_000_000  # characters of one agency
AT_LEAST = 2_000  # the least size that counts, so that at most 500 texts of an agency wait

Screen = Callable[[Mapping[str, str], RiskAnswers], Screening]

log = structlog.get_logger()


class TooMuchAtOnceError(Exception):
    """Too many characters of this agency wait to be screened. Nothing is stored, and the agency may try again soon."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    job: Callable[[], Screening]
    answer: "asyncio.Future[Screening | None]"


def screen_in_time(texts: Mapping[str, str], answers: RiskAnswers) -> Screening:
    """Screen the texts and risk answers within CPU_SECONDS; texts left after that are unscreened."""
    return screen(texts, answers, Deadline.after(CPU_SECONDS))


class Screeners:
    """Screens submissions in child processes, one of them for short texts only."""

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
        """Tell whether both kinds of children have started; just after a start of the service they have not."""
        return len(self._started) == len((True, False))

    async def check(self) -> dict[str, object]:
        """Return the readiness of the screen."""
        return {"ok": self.have_started}

    async def screen(self, agency_id: UUID, submission: Submission) -> Screening:
        """Return the screening of an agency's submission; raise TooMuchAtOnceError."""
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
        screening = screening or unread("no_answer", submission.risk)
        if SafetyReason.UNSCREENED in screening.reasons:
            log.error("unscreened", error=next(h.rule for h in screening.hits if h.reason is SafetyReason.UNSCREENED))
        return screening

    async def work(self, stop: asyncio.Event, *, only_short: bool) -> None:
        """Screen in a child process until `stop`. A service answers all its requests before it stops."""
        screener = _Screener(self._answer_seconds)
        working = asyncio.create_task(self._work(screener, only_short=only_short))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()  # raises the error that ended it
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
            elif not waiting.answer.done():  # otherwise its request has stopped waiting
                screening = await screener.ask(waiting.job)
                if not waiting.answer.done():
                    waiting.answer.set_result(screening)

    def _next(self, *, only_short: bool) -> _Waiting | None:
        return self._short.take() if only_short else self._long.take() or self._short.take()


class _Screener:
    """One child process, which is restarted after a crash or a hang."""

    def __init__(self, answer_seconds: float) -> None:
        self._answer_seconds = answer_seconds
        self._child: Child | None = None

    async def get_ready(self) -> Child:
        """Return a child that has loaded the screen; raise OSError when none can start."""
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
        """Return the result of a job; None when it hangs or its child has crashed twice."""
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
        """Kill the child process."""
        if self._child:
            self._child.kill()
        self._child = None


def _be_ready() -> None:
    """Read an alarm aloud to a new child: one that hears nothing never gets ready (a bar may be set too high)."""
    if level_of(ALARM) is not SafetyLevel.NOW:
        raise ChildProcessError("the screen does not ring for an alarm")
