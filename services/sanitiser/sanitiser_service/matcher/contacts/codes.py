"""Finds registrations and postcodes as people misread them: O for 0, I for 1, S for 5; plates also in part."""

from collections.abc import Iterator
from functools import lru_cache

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import CAPITALS, Reading

LONGEST, MOST_WORDS, WIDEST = 8, 4, 3
LEAST, TAIL = 5, 3
NEAR = 4
_ALIKE = str.maketrans("oqilsbz", "0011582")
_VEHICLES = word_set("vehicles_vehicles") | word_set("codes_ends")


@lru_cache(maxsize=4096)
def read_alike(code: str) -> str:
    """Return a code with letters that resemble digits replaced by these digits."""
    return code.translate(_ALIKE)


def codes_in(reading: Reading, code: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each run of words that equals a code, with or without letters and digits confused."""
    wanted = read_alike(code)
    if len(wanted) < LEAST:
        return
    begins = {key for key in reading.present if len(key) <= LONGEST and wanted.startswith(read_alike(key))}
    for at in reading.places_of(begins):
        last, seen = at, read_alike(reading.keys[at])
        while (
            len(seen) < len(wanted)
            and last + 1 < min(len(reading), at + MOST_WORDS)
            and len(reading.gaps[last]) <= WIDEST
        ):
            last += 1
            seen += read_alike(reading.keys[last])
        if seen == wanted and any(map(str.isdigit, "".join(reading.keys[at : last + 1]))):
            yield at, last


def plates_in(reading: Reading, registration: str) -> Iterator[Match]:
    """Yield the source's registration with look-alikes in it, or a part of it beside a vehicle."""
    plate = "".join(filter(str.isalnum, registration.lower()))
    if len(plate) < LEAST:
        return
    for first, last in codes_in(reading, plate):
        yield Match(*reading.original(first, last), Who.SOURCE, "vehicle_registration.read")
    halves = {read_alike(plate[:-TAIL]), read_alike(plate[-TAIL:])}
    parts = {key for key in reading.present if TAIL <= len(key) <= NEAR and read_alike(key) in halves}
    for at in reading.places_of(parts):
        is_code = reading.cases[at] == CAPITALS or reading.keys[at] not in WORDS
        near = (*reading.keys[max(0, at - NEAR) : at], *reading.keys[at + 1 : at + 1 + NEAR])
        if is_code and not _VEHICLES.isdisjoint(near):
            yield Match(*reading.original(at, at), Who.SOURCE, "vehicle.part")
