"""Pauses between tries grow up to a limit, and jitter separates clients that failed together."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.runtime.retry import Backoff

SECONDS = st.floats(0.001, 60)


@given(SECONDS, SECONDS)
def test_each_pause_lies_between_half_and_the_whole_of_a_time_that_doubles_up_to_the_longest(
    first: float, longest: float
) -> None:
    first, longest = sorted((first, longest))
    backoff = Backoff(first, longest)
    for n in range(20):
        whole = min(first * 2**n, longest)
        assert whole / 2 <= backoff.next_pause() <= whole


def test_two_that_failed_together_do_not_come_back_together() -> None:
    one, other = Backoff(1, 60), Backoff(1, 60)
    assert [one.next_pause() for _ in range(10)] != [other.next_pause() for _ in range(10)]


def test_after_a_success_the_pauses_begin_with_the_first_again() -> None:
    backoff = Backoff(1, 60)
    for _ in range(5):
        backoff.next_pause()
    backoff.reset()
    assert backoff.next_pause() <= 1


async def test_a_stop_ends_a_pause_at_once() -> None:
    stop = asyncio.Event()
    waiting, began = asyncio.create_task(Backoff(60, 60).wait(stop)), time.monotonic()
    stop.set()
    assert await waiting
    assert time.monotonic() - began < 10


async def test_a_pause_that_is_not_stopped_says_so() -> None:
    assert not await Backoff(0.001, 0.001).wait(asyncio.Event())
