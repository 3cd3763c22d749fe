"""The safety screen in its children: a text that hangs or kills one is HIGH, and no text delays another agency's."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from functools import partial
from uuid import uuid4

import psutil
import pytest

from intake_service.screening.advice import AdviceCode, advise
from intake_service.screening.screen import Screening, screen
from intake_service.screening.screen_process import AT_LEAST, MOST_WAITING, SHORT, Screeners, TooMuchAtOnceError
from intake_service.submissions.usecases import screen_submission
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from tests.support.building import a_submission
from tests.support.screens import DIES, HANGS, faulty_screen
from tests.support.waiting import wait_for

PLAIN = a_submission(narrative="Litter in the park.")
ALARMING = a_submission(narrative="He has a machete.")
LONG = a_submission(narrative="He has a machete. " * 500)


@pytest.fixture
async def screeners() -> AsyncGenerator[Screeners, None]:
    screeners = Screeners(faulty_screen, answer_seconds=2, patience_seconds=30)
    async for each in running(screeners):
        yield each


async def running(screeners: Screeners) -> AsyncGenerator[Screeners, None]:
    """Yield running screeners."""
    stop = asyncio.Event()
    working = [asyncio.create_task(screeners.work(stop, only_short=only_short)) for only_short in (True, False)]

    async def have_started() -> bool:
        return screeners.have_started

    await wait_for(have_started, "both children")
    yield screeners
    stop.set()
    await asyncio.gather(*working)


def children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "pipeline_shared.runtime.child" in " ".join(child.cmdline())
    ]


@pytest.mark.parametrize("submission", [PLAIN, ALARMING, LONG])
async def test_what_a_child_says_is_what_the_screen_says(screeners: Screeners, submission: object) -> None:
    assert isinstance(submission, type(PLAIN))
    assert await screeners.screen(uuid4(), submission) == screen_submission(submission)


@pytest.mark.parametrize("narrative", [HANGS, DIES])
async def test_a_text_that_gets_no_answer_is_high_and_the_next_ones_are_screened(
    screeners: Screeners, narrative: str
) -> None:
    form = {"narrative": narrative, "risk": {"weapon": "yes"}}
    found = await screeners.screen(uuid4(), a_submission(**form))
    assert found.level is SafetyLevel.NOW
    assert found.reasons == {SafetyReason.UNSCREENED, SafetyReason.WEAPON}
    assert advise(found)[0].code is AdviceCode.CALL_999
    assert await screeners.screen(uuid4(), PLAIN) == Screening(())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_children_that_are_killed_are_replaced_and_the_text_is_screened(
    screeners: Screeners, how: signal.Signals
) -> None:
    for child in children():
        os.kill(child.pid, how)
    assert await screeners.screen(uuid4(), PLAIN) == Screening(())
    assert await screeners.screen(uuid4(), LONG) == screen_submission(LONG)


async def test_a_short_text_does_not_wait_for_a_long_one_that_hangs(screeners: Screeners) -> None:
    hanging = a_submission(narrative=HANGS, title="x", known_how_note="y" * 2_000, occurrence={"note": "z" * 200})
    rows = {"people": [{"name": "Lee", "description": "d" * 200}] * 20}
    long = hanging.model_copy(update={"subjects": a_submission(subjects=rows).subjects})
    waiting = asyncio.create_task(screeners.screen(uuid4(), long))
    assert await screeners.screen(uuid4(), PLAIN) == Screening(())
    assert not waiting.done()
    assert (await waiting).reasons == {SafetyReason.UNSCREENED}


async def test_another_agency_waits_for_one_turn_of_one_that_sends_much(screeners: Screeners) -> None:
    much, other = uuid4(), uuid4()
    flood = [asyncio.create_task(screeners.screen(much, LONG)) for _ in range(60)]
    await asyncio.sleep(0)  # now all texts wait
    await screeners.screen(other, LONG)
    assert sum(task.done() for task in flood) <= 4
    await asyncio.gather(*flood)


async def test_what_waits_too_long_is_high() -> None:
    impatient = Screeners(faulty_screen, patience_seconds=0.01)  # no screener runs, so no text is ever taken
    found = await impatient.screen(uuid4(), PLAIN)
    assert (found.level, found.reasons) == (SafetyLevel.NOW, {SafetyReason.UNSCREENED})


async def test_more_of_one_agency_than_may_wait_is_refused_and_another_is_not() -> None:
    idle = Screeners(faulty_screen, patience_seconds=0.2)
    much = uuid4()
    waiting = [asyncio.create_task(idle.screen(much, PLAIN)) for _ in range(MOST_WAITING // AT_LEAST)]
    await asyncio.sleep(0)
    with pytest.raises(TooMuchAtOnceError):
        await idle.screen(much, PLAIN)
    assert (await idle.screen(uuid4(), PLAIN)).level is SafetyLevel.NOW
    await asyncio.gather(*waiting)


async def test_no_child_outlives_its_screeners() -> None:
    async for screeners in running(Screeners(partial(screen))):
        await screeners.screen(uuid4(), PLAIN)

    async def none_is_left() -> bool:
        return not children()

    await wait_for(none_is_left, "the end of the children")


def test_an_ordinary_text_is_short() -> None:
    assert len("word " * 500) < SHORT
