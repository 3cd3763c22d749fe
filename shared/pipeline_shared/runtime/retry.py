"""Pauses that end early when the service stops."""

import asyncio
import contextlib
import random
from collections.abc import Iterator


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `stop`; return whether it was stopped."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def spread(seconds: float) -> float:
    """Return a waiting time of which half is chance ("equal jitter"): who failed together does not return together."""
    return seconds / 2 + random.uniform(0, seconds / 2)  # noqa: S311 - nobody gains by guessing it


def backoff(first: float, most: float) -> Iterator[float]:
    """Yield waiting times in seconds, for ever: twice as long each time, from `first` up to `most`, each spread."""
    whole = first
    while True:
        yield spread(whole)
        whole = min(whole * 2, most)
