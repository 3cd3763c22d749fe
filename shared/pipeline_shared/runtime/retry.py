"""Pauses that end early when the service stops; those between tries grow, and chance spreads them."""

import asyncio
import contextlib
import random


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds` or until `stop`; return whether it was stopped."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def spread(seconds: float) -> float:
    """Return a waiting time of which half is chance ("equal jitter"): who failed together does not return together."""
    return seconds / 2 + random.uniform(0, seconds / 2)  # noqa: S311 - nobody gains by guessing it


class Backoff:
    """The pauses between the tries of one thing: twice as long each time, from `first` to `longest`, each spread."""

    def __init__(self, first: float = 0.25, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._whole = first

    def next_pause(self) -> float:
        """Return the next pause in seconds."""
        whole, self._whole = self._whole, min(self._whole * 2, self._longest)
        return spread(whole)

    async def wait(self, stop: asyncio.Event) -> bool:
        """Wait for the next pause or until `stop`; return whether it was stopped."""
        return await pause(stop, self.next_pause())

    def reset(self) -> None:
        """Begin with the first pause again."""
        self._whole = self._first
