"""Waiting for a condition: no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.05


async def wait_for(condition: Callable[[], Awaitable[T]], what: str, *, seconds: float = 30) -> T:
    """Return the condition's first true value; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (value := await condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        await asyncio.sleep(POLL_SECONDS)
    return value
