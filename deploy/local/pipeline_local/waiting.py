"""Waits for a process to become ready, up to a time limit or a stop."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

INTERVAL = 0.03


class NotStartedError(Exception):
    """A process did not start or become ready in time; `log` is its log file."""

    def __init__(self, name: str, log: Path | None = None) -> None:
        super().__init__(name)
        self.name, self.log = name, log


class StoppedError(Exception):
    """The wait ended because the stack is stopping."""


def wait_until(
    is_ready: Callable[[], bool], what: str, *, seconds: float = 60, stopping: threading.Event | None = None
) -> None:
    """Return when `is_ready()` holds. Raises NotStartedError after `seconds`, StoppedError once `stopping` is set."""
    stopping = stopping or threading.Event()
    deadline = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > deadline:
            raise NotStartedError(what)
        if stopping.wait(INTERVAL):
            raise StoppedError
