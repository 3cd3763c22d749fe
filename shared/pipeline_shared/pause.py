"""Waiting that a stop cuts short: nothing in a service sleeps deaf."""

import asyncio
import contextlib
import random
from collections.abc import Iterator


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `stop`; return whether it was stopped."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def backoff(first: float, most: float) -> Iterator[float]:
    """Yield waiting times in seconds, for ever: half of each is chance ("equal jitter"), and the whole doubles.

    The whole goes from `first` up to `most`. Without chance, all who failed together would come back together.
    """
    whole = first
    while True:
        yield whole / 2 + random.uniform(0, whole / 2)  # noqa: S311 - nobody gains by guessing it
        whole = min(whole * 2, most)
