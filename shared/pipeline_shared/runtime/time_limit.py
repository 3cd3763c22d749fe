"""A time limit for a job inside a child process, so that the child survives a job that takes too long.

It interrupts only Python code and the `re` module. The process that waits for the child must also be ready to end it.
"""

import signal
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


class OutOfTimeError(BaseException):
    """A job has taken too long. This is not an `Exception`, so that no job catches it as a failure it can repair."""


def within(seconds: float, job: Callable[[], T], otherwise: U) -> T | U:
    """Return the result of a job, or `otherwise` if it takes longer than this many seconds.

    For the main thread of a child process: it uses the process's one alarm.
    """
    signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            return job()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except OutOfTimeError:
        return otherwise


def _interrupt(_signal: int, _frame: object) -> None:
    raise OutOfTimeError
