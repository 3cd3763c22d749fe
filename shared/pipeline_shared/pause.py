"""Waiting that a stop cuts short: nothing in a service sleeps deaf."""

import asyncio
import contextlib
from collections.abc import Iterator


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `stop`; return whether it was stopped."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def backoff(first: float, most: float) -> Iterator[float]:
    """Yield waiting times in seconds that double from `first` up to `most`, for ever."""
    delay = first
    while True:
        yield delay
        delay = min(delay * 2, most)
