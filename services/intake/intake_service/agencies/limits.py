"""Rate limits of an agency: one token bucket for the agency, and one for each of its keys.

A bucket holds `burst` tokens and gains `per_minute` tokens a minute. It is stored as the time at which it will be full.
"""

import math
from dataclasses import dataclass

BYTES_A_TOKEN = 8 * 1024
QUESTIONS = 5  # questions allowed for each submission allowed
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limit:
    """The size of a bucket and its refill rate."""

    per_minute: int
    burst: int

    @property
    def depth(self) -> float:
        """Return the seconds that an empty bucket takes to fill."""
        return self.burst * MINUTE / self.per_minute

    def seconds(self, tokens: int) -> float:
        """Return the seconds in which the tokens come back. The cost is never more than a full bucket."""
        return min(tokens, self.burst) * MINUTE / self.per_minute

    def wait(self, full_in: float, tokens: int) -> float:
        """Return the seconds to wait for some tokens if the bucket will be full in `full_in` seconds; 0 for no wait."""
        return max(0.0, max(full_in, 0.0) + self.seconds(tokens) - self.depth)

    def times(self, factor: int) -> "Limit":
        """Return a bucket `factor` times as large and as fast."""
        return Limit(self.per_minute * factor, self.burst * factor)


class RateLimitedError(Exception):
    """An agency or a key has reached its limit; nothing is stored."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.retry_after = max(1, math.ceil(wait))


def cost_of(body: bytes) -> int:
    """Return the cost of a submission: one token, and one more for every BYTES_A_TOKEN of its body."""
    return 1 + len(body) // BYTES_A_TOKEN
