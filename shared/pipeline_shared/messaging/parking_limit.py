"""The parking limit: single bad records are parked, but a release that fails on everything must not park everything.

Pure: the caller passes the time. Each process has its own counts, so after a restart it may park at most `MOST` more.
"""

from collections import deque

WINDOW_SECONDS = 300.0
MOST = 20  # records in a window that may always be parked: bad records come one at a time
SHARE = 0.5  # above that number, at most this share of all handled records may be parked


class ParkingLimit:
    """The recent counts of handled and parked records of one topic in one consumer."""

    def __init__(self) -> None:
        self.stopped = False
        self._lately: deque[list[float]] = deque()  # second, handled, parked

    def note_handled(self, count: int, now: float) -> None:
        """Note records that had their effect."""
        self._at(now)[1] += count

    def note_parked(self, now: float) -> None:
        """Note a record that was parked."""
        self._at(now)[2] += 1

    def allows(self, now: float) -> bool:
        """Tell whether one more record may be parked. After a "no" the answer stays "no" until `mended`."""
        self._at(now)
        handled, parked = sum(each[1] for each in self._lately), sum(each[2] for each in self._lately) + 1
        if parked > MOST and parked > SHARE * (parked + handled):
            self.stopped = True
        return not self.stopped

    def mended(self) -> None:
        """Reset the counts, because records can be handled again."""
        self.stopped = False
        self._lately.clear()

    def _at(self, now: float) -> list[float]:
        """Return the counts of this second, and drop counts that are too old."""
        while self._lately and self._lately[0][0] <= now - WINDOW_SECONDS:
            self._lately.popleft()
        if not self._lately or self._lately[-1][0] != int(now):
            self._lately.append([int(now), 0, 0])
        return self._lately[-1]
