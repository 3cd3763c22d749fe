"""The source's address: its first line with any abbreviation, the street or house alone, the postcode.

A subject often lives in the same street: another number before the street, or the street in a subject row, protects it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.lexicons import lines_of
from sanitiser_service.sanitising.normalising import fold
from sanitiser_service.sanitising.reading import CLAUSE, Reading

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_POSTCODE = re.compile(r"([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})")
_SHORT = {line.split()[0]: tuple(line.split()) for line in lines_of("streets.txt")}
_SPELLINGS = {word: frozenset(spellings) for word, spellings in _SHORT.items()}
_KINDS = frozenset(_SHORT) | {
    "flat",
    "room",
    "block",
    "apartment",
    "apt",
    "unit",
    "the",
    "old",
    "guest",
    "floor",
    "hotel",
}
_NUMBER_WORDS = frozenset({"number", "no", "flat", "room", "house"})


class Address(NamedTuple):
    """An address in what a text may hold of it."""

    number: str
    street: tuple[str, ...]
    house: tuple[str, ...]
    outward: str
    inward: str


@lru_cache(maxsize=256)
def address_of(value: str) -> Address:
    """Return an address in its parts; whatever cannot be told is empty."""
    lines = [line.strip() for line in fold(value).text.split(",")]
    code = _POSTCODE.search(lines[-1])
    number, street, house = "", tuple[str, ...](), tuple[str, ...]()
    for line in lines[:3]:
        words = _WORD.findall(line)
        if words and _NUMBER.fullmatch(words[0]) and len(words) > 1 and not street:
            number, street = words[0], tuple(words[1:])
        elif words and words[-1] in _SPELLINGS and not street and not house and len(words) > 1:
            street = tuple(words)
        elif line == lines[0] and len(lines) > 1 and not any(map(str.isdigit, line)):
            house = tuple(words)
    if not house and street and not number and street[-1] in {"house", "hall", "halls", "cottage", "farm"}:
        house, street = street, ()
    return Address(number, street, house, *(code.groups() if code else ("", "")))


def addresses_in(reading: Reading, value: str, subject_places: str) -> Iterator[Match]:
    """Return where the source's address stands."""
    if not value:
        return
    address = address_of(value)
    shared = bool(address.street) and address.street[0] in subject_places
    yield from _streets(reading, address, shared=shared)
    yield from _houses(reading, address)
    yield from _postcodes(reading, address)
    if address.number:
        yield from _numbers(reading, address.number)


def _streets(reading: Reading, address: Address, *, shared: bool) -> Iterator[Match]:
    places = list(_all(reading, address.street)) if address.street else []
    others = [at for at, _ in places if _number_before(reading, at) not in {"", address.number}]
    for at, last in places:
        number = _number_before(reading, at)
        if address.number and number == address.number:
            yield Match(*reading.original(at - 1, _with_town(reading, last, address)), Who.SOURCE, "address.first_line")
        elif not number:
            kind = "address.shared" if others or shared else "address.short"
            yield Match(*reading.original(at, last), Who.SOURCE, kind)


def _all(reading: Reading, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Return where all words of a street stand, abbreviated or without their last, where that is its kind."""
    first, *rest = words
    for at in reading.places_of({first, *(_SPELLINGS.get(first, ()) if rest else ())}):
        last = at
        for wanted in rest:
            following = last + 1
            if following < len(reading) and reading.keys[following] in _SPELLINGS.get(wanted, {wanted}):
                last = following
        if last > at or not rest or (at and reading.keys[at - 1].isdigit() and first not in _SPELLINGS):
            yield at, last


def _number_before(reading: Reading, at: int) -> str:
    before = reading.keys[at - 1] if at else ""
    return before if _NUMBER.fullmatch(before) and reading.breaks[at - 1] <= CLAUSE else ""


def _with_town(reading: Reading, last: int, address: Address) -> int:
    """Take along the postcode, or its first half, where it follows."""
    for wanted in (address.outward, address.inward):
        if wanted and last + 1 < len(reading) and reading.keys[last + 1] == wanted:
            last += 1
    return last


def _houses(reading: Reading, address: Address) -> Iterator[Match]:
    if not address.house:
        return
    telling = [word for word in address.house if word not in _KINDS][:1]
    for at in reading.places_of({*telling, address.house[0]}):
        key = reading.keys[at]
        if [key] == telling and (reading.cases[at] or not reading.cased):
            last = at
            while last + 1 < len(reading) and reading.keys[last + 1] in address.house:
                last += 1
            yield Match(*reading.original(at, last), Who.SOURCE, "address.short")
        elif key == address.house[0] and reading.keys[at : at + len(address.house)] == list(address.house):
            yield Match(*reading.original(at, at + len(address.house) - 1), Who.SOURCE, "address.short")


def _postcodes(reading: Reading, address: Address) -> Iterator[Match]:
    if not address.outward:
        return
    whole = address.outward + address.inward
    for at in reading.places_of({whole, address.outward}):
        if reading.keys[at] == whole:
            yield Match(*reading.original(at, at), Who.SOURCE, "address.postcode")
        elif reading.keys[at + 1 : at + 2] == [address.inward]:
            yield Match(*reading.original(at, at + 1), Who.SOURCE, "address.postcode")


def _numbers(reading: Reading, number: str) -> Iterator[Match]:
    """Return where the house number alone stands after a word for one: "lives at number 18"."""
    for at in reading.places_of((number,)):
        if at and reading.keys[at - 1] in _NUMBER_WORDS:
            yield Match(*reading.original(at - 1, at), Who.SOURCE, "address.number")
