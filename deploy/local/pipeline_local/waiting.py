"""Waiting for a process to become ready, and giving up when it does not or when everything is to stop."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

INTERVAL = 0.03


class NotStartedError(Exception):
    """A process did not start or did not become ready in time; `log` is where it may say why."""

    def __init__(self, name: str, log: Path | None = None) -> None:
        super().__init__(name)
        self.name, self.log = name, log


class StoppedError(Exception):
    """The wait was ended because everything is to stop."""


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
