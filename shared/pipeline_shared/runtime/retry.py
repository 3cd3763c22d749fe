"""Pauses. Every pause ends at once when the service stops. Pauses between tries grow, with jitter."""

import asyncio
import contextlib
import random
from datetime import timedelta
from typing import TypeVar

MOST_DOUBLINGS = 16  # no pause is limited by it

Pause = TypeVar("Pause", float, timedelta)


async def pause(end: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `end` is set, usually the stop of the service; return whether it is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(end.wait(), seconds)
    return end.is_set()


def spread(seconds: float) -> float:
    """Return a waiting time, half of it random ("equal jitter"), so that failed clients return at different times."""
    return seconds / 2 + random.uniform(0, seconds / 2)  # noqa: S311 - nobody gains by guessing it


def grown(first: Pause, longest: Pause, tries: int) -> Pause:
    """Return the pause after a number of failed tries: twice as long each time, up to `longest`."""
    return min(first * 2 ** min(max(tries - 1, 0), MOST_DOUBLINGS), longest)


class Backoff:
    """The pauses between tries: each twice as long as the last, from `first` to `longest`, each with jitter."""

    def __init__(self, first: float = 0.25, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._tries = 0

    def next_pause(self) -> float:
        """Return the next pause in seconds."""
        self._tries += 1
        return spread(grown(self._first, self._longest, self._tries))

    async def wait(self, stop: asyncio.Event) -> bool:
        """Wait for the next pause or until `stop`; return whether it was stopped."""
        return await pause(stop, self.next_pause())

    def reset(self) -> None:
        """Start again with the first pause."""
        self._tries = 0
