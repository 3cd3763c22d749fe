"""How much an agency may send: token buckets, one for the agency and one for each of its keys.

A bucket holds `burst` tokens and gains `per_minute` a minute. All that is kept of one is when it will be full again.
"""

import math
from dataclasses import dataclass

BYTES_A_TOKEN = 8 * 1024
QUESTIONS = 5  # times as many questions as submissions may be asked
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limit:
    """The size of a bucket, and how fast it fills again."""

    per_minute: int
    burst: int

    @property
    def depth(self) -> float:
        """Return the seconds in which an empty bucket fills."""
        return self.burst * MINUTE / self.per_minute

    def seconds(self, tokens: int) -> float:
        """Return the seconds in which that many tokens come back; nothing costs more than a full bucket."""
        return min(tokens, self.burst) * MINUTE / self.per_minute

    def wait(self, full_in: float, tokens: int) -> float:
        """Return how long to wait for that many tokens when the bucket will be full in so many seconds; 0 for not."""
        return max(0.0, max(full_in, 0.0) + self.seconds(tokens) - self.depth)

    def times(self, factor: int) -> "Limit":
        """Return a bucket so many times as large and as fast."""
        return Limit(self.per_minute * factor, self.burst * factor)


class RateLimitedError(Exception):
    """An agency or a key has used up what it may send for now; nothing is stored."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.retry_after = max(1, math.ceil(wait))


def cost_of(body: bytes) -> int:
    """Return what a submission costs: a token, and another for every BYTES_A_TOKEN of its body."""
    return 1 + len(body) // BYTES_A_TOKEN
