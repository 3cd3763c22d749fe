"""A limit on parking: a poison record is set aside, but a release that cannot handle anything must not park everything.

Pure: the caller brings the time. Counts are a process's own, so a restart tries anew and parks at most `MOST` again.
"""

from collections import deque

WINDOW_SECONDS = 300.0
MOST = 20  # so many may be parked in a window whatever else happens: real poison comes one by one
SHARE = 0.5  # and more, as long as they are no more than this part of all that were handled


class ParkingLimit:
    """What one consumer has lately done with the records of one topic, and whether it may park another."""

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
        """Tell whether one more may be parked; once not, none may until `mended`."""
        self._at(now)
        handled, parked = sum(each[1] for each in self._lately), sum(each[2] for each in self._lately) + 1
        if parked > MOST and parked > SHARE * (parked + handled):
            self.stopped = True
        return not self.stopped

    def mended(self) -> None:
        """Begin anew: what could not be handled can be."""
        self.stopped = False
        self._lately.clear()

    def _at(self, now: float) -> list[float]:
        """Return the counts of this second, and forget those that are too old."""
        while self._lately and self._lately[0][0] <= now - WINDOW_SECONDS:
            self._lately.popleft()
        if not self._lately or self._lately[-1][0] != int(now):
            self._lately.append([int(now), 0, 0])
        return self._lately[-1]
