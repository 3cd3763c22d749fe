"""The source's address wherever it stands: a number with its street, a street or house alone, the postcode.

A number beside the first telling word of its street identifies a house, with or without the kind of street. A subject
often lives in the same street: another number before the street, or the street in a subject row, protects it.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from sanitiser_service.sanitising.address_parts import (
    ONES,
    TENS,
    Address,
    Street,
    address_of,
    is_kind,
    is_nearly,
    number_of,
    spelled,
    spellings_of,
)
from sanitiser_service.sanitising.codes import codes_in
from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.lexicons import WORDS, word_set
from sanitiser_service.sanitising.reading import LOWER, SENTENCE, Reading
from sanitiser_service.sanitising.sounds import looks_like

WIDEST = 8  # words between a number and its street: "18 and 20, the old Tarn Street"
NEAR = 3
_PEOPLE, _TIMES = word_set("addresses_people"), word_set("addresses_times")
_BETWEEN, _BEHIND = word_set("addresses_between"), word_set("addresses_behind")
_NUMBER_WORDS = frozenset({"number", "no", "flat", "room", "house"})
_BEFORE_NUMBERS = _NUMBER_WORDS | {"at"}
_SAID = frozenset({*ONES, *TENS, "hundred"})


class Whose(Enum):
    """Whose house number stands beside a street."""

    OWN = "own"
    NEARLY = "nearly"
    ANOTHERS = "anothers"
    NOBODYS = "nobodys"


class _Number(NamedTuple):
    """Where a house number stands, and whose it is."""

    at: int
    whose: Whose


class _Place(NamedTuple):
    """Words of a text that may be a street, and whether they surely are."""

    first: int
    last: int
    is_whole: bool


def addresses_in(reading: Reading, value: str, subject_places: str) -> Iterator[Match]:
    """Return where the source's address stands."""
    if not value:
        return
    address = address_of(value)
    for street in address.streets:
        yield from _streets(reading, address, street, subject_places)
        yield from _misspelt(reading, street)
    yield from _houses(reading, address)
    yield from _postcodes(reading, address)
    if reading.present.isdisjoint(_BEFORE_NUMBERS):
        return
    for number in sorted(address.numbers):
        yield from _numbers(reading, number)


def _streets(reading: Reading, address: Address, street: Street, subject_places: str) -> Iterator[Match]:
    places = list(_places(reading, street))
    found = [(place, _number_at(reading, street, place.first, place.last)) for place in places]
    shared = street.words[street.telling] in subject_places
    shared = shared or any(number.whose is Whose.ANOTHERS for _, number in found)
    is_sure = len(street.words) > 1 and (street.numbers - address.units or street == address.streets[0])
    for place, number in found:
        if number.whose in (Whose.OWN, Whose.NEARLY):
            end = _with_town(reading, max(number.at, place.last), address)
            kind = _kind_of_number(reading, street, place) if number.whose is Whose.OWN else "address.shared"
            yield Match(*reading.original(min(number.at, place.first), end), Who.SOURCE, kind)
        elif number.whose is Whose.NOBODYS and place.is_whole:
            kind = "address.short" if is_sure and not shared else "address.shared"
            yield Match(*reading.original(place.first, place.last), Who.SOURCE, kind)


def _misspelt(reading: Reading, street: Street) -> Iterator[Match]:
    """Return where a street's number stands before a word that is nearly the street's: "18 Tarne"."""
    word = street.words[street.telling]
    if is_kind(word):
        return
    for at in reading.places_of({key for key in reading.present if number_of(key) in street.numbers}):
        beside = at + 1
        while beside < min(len(reading), at + NEAR) and reading.keys[beside] in _BETWEEN:
            beside += 1
        if beside < len(reading) and reading.breaks[at] != SENTENCE and reading.keys[beside] not in spellings_of(word):
            key = reading.keys[beside]
            if key not in WORDS and looks_like(key, word):
                yield Match(*reading.original(at, beside), Who.SOURCE, "address.shared")


def _kind_of_number(reading: Reading, street: Street, place: _Place) -> str:
    if place.is_whole or len(street.words) == 1 or place.last > place.first:
        return "address.first_line"
    is_plain = reading.cases[place.first] == LOWER and reading.keys[place.first] in WORDS
    return "address.shared" if is_plain or is_kind(street.words[street.telling]) else "address.short"


def _places(reading: Reading, street: Street) -> Iterator[_Place]:
    """Return where the telling word of a street stands, with the words around it."""
    words, telling = street.words, street.telling
    for at in reading.places_of(spellings_of(words[telling])):
        first, last = at, at
        for wanted in words[telling + 1 :]:
            if last + 1 < len(reading) and reading.keys[last + 1] in spellings_of(wanted):
                last += 1
        for wanted in reversed(words[:telling]):
            if first and reading.keys[first - 1] in spellings_of(wanted):
                first -= 1
        yield _Place(first, last, _is_whole(reading, street, at, last - first + 1))


def _is_whole(reading: Reading, street: Street, at: int, size: int) -> bool:
    """Tell whether words name a street for sure: two of its words or, where it has but one, that in capitals."""
    if len(street.words) == 1:
        return street.words[0] not in WORDS or bool(reading.cases[at] and reading.cased and not reading.opens(at))
    return size >= (len(street.words) if all(map(is_kind, street.words)) else 2)


def _number_at(reading: Reading, street: Street, first: int, last: int) -> _Number:
    """Return whose number stands before a street or behind it."""
    found = _Number(first, Whose.NOBODYS)
    at = first - 1
    while at >= max(0, first - WIDEST) and reading.breaks[at] != SENTENCE:
        key = reading.keys[at]
        number = number_of(key)
        if number in street.numbers:
            return _Number(at, Whose.OWN)
        if words := _said_before(reading, street, at):
            return _Number(at + 1 - words, Whose.OWN)
        if is_nearly(number, street.numbers):
            found = _Number(at, Whose.NEARLY)
        elif (number or key in _SAID) and street.numbers:
            found = found if found.whose is Whose.NEARLY else _Number(first, Whose.ANOTHERS)
        elif key not in _BETWEEN:
            break
        at -= 1
    behind = _behind(reading, street, last)
    return _Number(behind, Whose.OWN) if behind else found


def _said_before(reading: Reading, street: Street, at: int) -> int:
    """Return how many words that end at one say one of the street's numbers."""
    for words in (words for number in street.numbers for words in spelled(number)):
        if tuple(reading.keys[max(0, at + 1 - len(words)) : at + 1]) == words:
            return len(words)
    return 0


def _behind(reading: Reading, street: Street, last: int) -> int:
    """Return where the street's number stands behind it: "Tarn Street, number 18"; nought where it does not."""
    for at in range(last + 1, min(len(reading), last + 1 + NEAR)):
        if reading.breaks[at - 1] >= SENTENCE:
            return 0
        if number_of(reading.keys[at]) in street.numbers:
            return at
        if reading.keys[at] not in _BEHIND:
            return 0
    return 0


def _with_town(reading: Reading, last: int, address: Address) -> int:
    """Take along the postcode, or its first half, where it follows."""
    for wanted in (address.outward, address.inward):
        if wanted and last + 1 < len(reading) and reading.keys[last + 1] == wanted:
            last += 1
    return last


def _houses(reading: Reading, address: Address) -> Iterator[Match]:
    """Return where a house is called by the word of its name that tells it: "Hazel" for "Hazel Court"."""
    first, *rest = address.streets or (None,)
    if not first or not rest or first.numbers - address.units or is_kind(first.words[first.telling]):
        return
    for at in reading.places_of({first.words[first.telling]}):
        if reading.cases[at] or not reading.cased:
            yield Match(*reading.original(at, at), Who.SOURCE, "address.short")


def _postcodes(reading: Reading, address: Address) -> Iterator[Match]:
    if not address.outward:
        return
    for first, last in codes_in(reading, address.outward + address.inward):
        seen = "".join(reading.keys[first : last + 1])
        kind = "address.postcode" if seen == address.outward + address.inward else "address.postcode.read"
        yield Match(*reading.original(first, last), Who.SOURCE, kind)
    for at in reading.places_of({address.outward, address.inward}):
        near = range(max(0, at - NEAR), at)
        own = [n for n in near if number_of(reading.keys[n]) in address.numbers]
        if own:
            yield Match(*reading.original(own[-1], at), Who.SOURCE, "address.short")


def _numbers(reading: Reading, number: str) -> Iterator[Match]:
    """Return where the house number alone stands after a word for one, in digits or words: "lives at number 18"."""
    for words in ((number,), *sorted(spelled(number))):
        for at in reading.places_of(set(words[:1])):
            last = at + len(words) - 1
            if at and tuple(reading.keys[at : last + 1]) == words:
                before = reading.keys[at - 1]
                if before in _NUMBER_WORDS:
                    yield Match(*reading.original(at - 1, last), Who.SOURCE, "address.number")
                elif before == "at" and _is_of_people(reading, at, last):
                    yield Match(*reading.original(at, last), Who.SOURCE, "address.number.unsure")


def _is_of_people(reading: Reading, at: int, last: int) -> bool:
    """Tell whether a number after "at" says where people live, not when something was."""
    return reading.keys[max(0, at - 2)] in _PEOPLE and not _TIMES & set(reading.keys[last + 1 : last + 2])
