"""The source's own vehicle: a registration beside "my car", or "her van" where she is the source."""

import re
from collections.abc import Iterator

from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.reading import Reading

NEAR = 12
_PLATE = re.compile(r"\b(?:[a-z]{2}\d{2} ?[a-z]{3}|[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,4}|[a-z]{3} ?\d{1,3}[a-z])\b")
_VEHICLES = frozenset("car van bike motorbike cab taxi truck lorry vehicle minibus moped scooter pickup jeep reg plate registration".split())
_MINE = frozenset({"my", "our"})
_THEIRS = frozenset({"his", "her", "their", "own"})


def vehicles_in(reading: Reading, mentions: tuple[int, ...]) -> Iterator[Match]:
    """Return registrations of vehicles that the text calls the source's; `mentions` are places that name the source."""
    starts = {start: at for at, start in enumerate(reading.starts)}
    if not any(map(str.isdigit, reading.folded.text)):
        return
    for found in _PLATE.finditer(reading.folded.text):
        at = starts.get(found.start())
        if at is not None and _is_own(reading, at, mentions):
            yield Match(*reading.folded.original(found.start(), found.end()), Who.SOURCE, "vehicle.own")


def _is_own(reading: Reading, at: int, mentions: tuple[int, ...]) -> bool:
    for vehicle in range(max(1, at - NEAR), at):
        if reading.keys[vehicle] in _VEHICLES:
            owner = reading.keys[vehicle - 1]
            if owner in _MINE or (owner in _THEIRS and any(vehicle - NEAR <= mention < vehicle for mention in mentions)):
                return True
    return False
