"""A limit on the time that a job may take inside a child process, so that the child outlives a job that takes longer.

It ends Python code and the `re` module's, nothing else: whoever waits for the child must be ready to end it as well.
"""

import signal
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


class OutOfTimeError(BaseException):
    """A job has taken too long. It is no Exception, so that no job takes it for a failure that it can mend."""


def within(seconds: float, job: Callable[[], T], otherwise: U) -> T | U:
    """Return what a job returns, or `otherwise` when that takes longer than so many seconds.

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
