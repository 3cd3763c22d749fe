"""Finds the source's own vehicle, beside "my car" or "her van", and registrations that no subject row explains."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from pipeline_shared.text.tokens import SENTENCE
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.normalising import squeezed
from sanitiser_service.matcher.text.reading import Reading

NEAR = 12
_PLATE = re.compile(r"\b(?:[a-z]{2}\d{2} ?[a-z]{3}|[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,4}|[a-z]{3} ?\d{1,3}[a-z])\b")
_MODERN = re.compile(r"[a-z]{2}\d{2} ?[a-z]{3}")
_OLDER = re.compile(r"[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,3}[a-z]")  # in capitals; "BMW 1" is none
_VEHICLES = word_set("vehicles_vehicles")
_MINE = frozenset({"my", "our", "ma"})
_THEIRS = frozenset({"his", "her", "their", "own"})


def vehicles_in(reading: Reading, mentions: tuple[int, ...]) -> Iterator[Match]:
    """Yield the registrations that a text assigns to the source; `mentions` are the words that name the source."""
    for at, plate in _plates(reading):
        if _is_own(reading, at, mentions):
            yield Match(*reading.folded.original(*plate.span()), Who.SOURCE, "vehicle.own")


def other_plates_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the registrations that no subject row contains; they may be those of somebody near the source."""
    plates = [plate for _, plate in _plates(reading)]
    rows = squeezed(protection.subjects) if plates else ""
    for plate in plates:
        start, end = reading.folded.original(*plate.span())
        is_older = reading.text[start:end].isupper() and _OLDER.fullmatch(plate.group())
        is_plate = is_older or _MODERN.fullmatch(plate.group())
        if is_plate and squeezed(plate.group()) not in rows:
            yield Match(start, end, Who.OTHER, "vehicle.other")


def _plates(reading: Reading) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield what is written like a registration, with the number of its first word."""
    numbers = reading.unlettered
    for at in sorted({*numbers, *(number - 1 for number in numbers if number)}):  # "AB12 CDE", "ABC 123D"
        plate = _PLATE.match(reading.folded.text, reading.starts[at])
        if plate:
            yield at, plate


def _is_own(reading: Reading, at: int, mentions: tuple[int, ...]) -> bool:
    near = range(max(0, at - NEAR), at)
    begins = max((n + 1 for n in near if reading.breaks[n] >= SENTENCE), default=near.start)
    if any(reading.keys[n] in _MINE for n in range(begins, at)):
        return True
    if any(key in {"mine", "ours"} for key in reading.keys[at + 1 : at + 5]):
        return True
    close = mentions[bisect_left(mentions, near.start - NEAR) : bisect_left(mentions, at)]
    if any(mention in near and _VEHICLES & set(reading.keys[mention + 1 : mention + 3]) for mention in close):
        return True
    theirs = [n for n in near if reading.keys[n] in _THEIRS and _VEHICLES & set(reading.keys[n + 1 : n + 4])]
    return any(n - NEAR <= mention < n for n in theirs for mention in close)
