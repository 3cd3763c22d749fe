"""The time limit of one screening: checked between short steps, so that a costly text ends only its own screening."""

import time
from dataclasses import dataclass
from typing import Self


class OutOfTimeError(Exception):
    """The screen has used up its time; what it has found so far stands."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a screen must end, in seconds of this process's CPU time: on a busy machine no text gets less."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline that many CPU seconds from now."""
        return cls(time.process_time() + seconds)

    def check(self) -> None:
        """Raise OutOfTimeError when the time is used up."""
        if time.process_time() > self.at:
            raise OutOfTimeError


NEVER = Deadline(float("inf"))
