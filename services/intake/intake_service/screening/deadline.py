"""The time limit of one screening. It is checked between short steps, so a costly text ends only its own screening."""

import time
from dataclasses import dataclass
from typing import Self


class OutOfTimeError(Exception):
    """The screen has used up its time; the hits found so far remain valid."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a screening in CPU seconds of this process, so that a busy machine does not shorten it."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline this many CPU seconds from now."""
        return cls(time.process_time() + seconds)

    def check(self) -> None:
        """Raise OutOfTimeError when the time is used up."""
        if time.process_time() > self.at:
            raise OutOfTimeError


NEVER = Deadline(float("inf"))
