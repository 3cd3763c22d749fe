"""Finds the address of the source: a number with its street, a street or house alone, the postcode.

A number beside the first distinctive word of its street identifies a house, with or without the kind of street. A
subject often lives in the same street. So the street counts as shared if another number stands before it or if a
subject row contains it.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from pipeline_shared.text.tokens import SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.contacts.codes import codes_in
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.places.address_parts import Address, Street, address_of, is_kind, spellings_of
from sanitiser_service.matcher.places.house_numbers import (
    Said,
    is_between,
    is_nearly,
    number_of,
    numbers_in,
    with_street,
)
from sanitiser_service.matcher.places.streets_alike import Place, begin_of_alike, end_of_alike, together_in
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import LOWER, Reading

WIDEST = 8  # words between a number and its street: "18 and 20, the old Tarn Street"
NEAR = 3
_PEOPLE, _TIMES = word_set("addresses_people"), word_set("addresses_times")
_BETWEEN, _BEHIND = word_set("addresses_between"), word_set("addresses_behind")
_NUMBER_WORDS = frozenset({"number", "no", "flat", "room", "house"})


class Whose(Enum):
    """The owner of a house number beside a street: the source, nearly the source, another person or nobody."""

    OWN = "own"
    NEARLY = "nearly"
    ANOTHERS = "anothers"
    NOBODYS = "nobodys"


class _Number(NamedTuple):
    """The position of a house number and its owner."""

    at: int
    whose: Whose


class _Numbers(NamedTuple):
    """The numbers of a text by their first word and by their last word."""

    by_first: dict[int, Said]
    by_last: dict[int, Said]

    @classmethod
    def of(cls, reading: Reading) -> "_Numbers":
        found = numbers_in(reading)
        return cls({one.first: one for one in found}, {one.last: one for one in found})


def addresses_in(reading: Reading, value: str, subject_places: str) -> Iterator[Match]:
    """Yield the places of the source's address."""
    if not value:
        return
    address = address_of(value)
    numbers = _Numbers.of(reading)
    for street in address.streets:
        yield from _streets(reading, numbers, address, street, subject_places)
        yield from _alike(reading, numbers, street)
    yield from _houses(reading, address)
    yield from _postcodes(reading, address)
    yield from _alone(reading, numbers, address.numbers)


def _streets(
    reading: Reading, numbers: _Numbers, address: Address, street: Street, subject_places: str
) -> Iterator[Match]:
    places = [*_places(reading, street), *together_in(reading, street)]
    found = [(place, _number_at(reading, numbers, street, place)) for place in places]
    shared = street.words[street.distinctive_at] in subject_places
    shared = shared or any(number.whose is Whose.ANOTHERS for _, number in found)
    is_sure = len(street.words) > 1 and (street.numbers - address.units or street == address.streets[0])
    for place, number in found:
        if number.whose in (Whose.OWN, Whose.NEARLY):
            end = _with_town(reading, max(number.at, place.last), address)
            kind = _kind_of_number(reading, street, place) if number.whose is Whose.OWN else "address.shared"
            yield Match(*reading.original(min(number.at, place.first), end), Who.SOURCE, kind)
        elif number.whose is Whose.NOBODYS and place.is_whole and not street.is_town:
            kind = "address.short" if is_sure and not shared else "address.shared"
            yield Match(*reading.original(place.first, place.last), Who.SOURCE, kind)


def _alike(reading: Reading, numbers: _Numbers, street: Street) -> Iterator[Match]:
    """Yield the number of a street beside a name that is nearly the street's: "18 Tarne", "18 T. Street"."""
    for number in numbers.by_last.values():
        if _whose(number, street) in (Whose.OWN, Whose.NEARLY):
            end = end_of_alike(reading, number.last, street)
            if end >= 0:
                yield Match(*reading.original(number.first, end), Who.SOURCE, "address.shared")
            begin = begin_of_alike(reading, number.first, street)
            if begin >= 0:
                yield Match(*reading.original(begin, number.last), Who.SOURCE, "address.shared")
    for at in reading.unlettered:
        number, letters = with_street(reading.keys[at])
        if number and is_nearly(number, street.numbers) and (end := end_of_alike(reading, at, street, letters)) >= 0:
            yield Match(*reading.original(at, end), Who.SOURCE, "address.shared")


def _kind_of_number(reading: Reading, street: Street, place: Place) -> str:
    if place.is_whole or (place.is_parted and (len(street.words) == 1 or place.last > place.first)):
        return "address.first_line"
    if not place.is_parted:
        return "address.shared"
    is_plain = reading.cases[place.first] == LOWER and reading.keys[place.first] in WORDS
    return "address.shared" if is_plain or is_kind(street.words[street.distinctive_at]) else "address.short"


def _places(reading: Reading, street: Street) -> Iterator[Place]:
    """Yield the places of a street's distinctive word, each with the words of the street around it."""
    words, distinctive_at = street.words, street.distinctive_at
    for at in reading.places_of(spellings_of(words[distinctive_at])):
        first, last = at, at
        for wanted in words[distinctive_at + 1 :]:
            if last + 1 < len(reading) and reading.keys[last + 1] in spellings_of(wanted):
                last += 1
        for wanted in reversed(words[:distinctive_at]):
            if first and reading.keys[first - 1] in spellings_of(wanted):
                first -= 1
        yield Place(first, last, _is_whole(reading, street, at, last - first + 1))


def _is_whole(reading: Reading, street: Street, at: int, size: int) -> bool:
    """Tell whether words surely name a street: two of its words, or its only word in capitals."""
    if len(street.words) == 1:
        return street.words[0] not in WORDS or bool(reading.cases[at] and reading.cased and not reading.opens(at))
    return size >= (len(street.words) if all(map(is_kind, street.words)) else 2)


def _number_at(reading: Reading, numbers: _Numbers, street: Street, place: Place) -> _Number:
    """Return the house number before or after a street, with its owner."""
    found = _Number(place.first, Whose.NOBODYS)
    at = place.first - 1
    while at >= max(0, place.first - WIDEST) and reading.breaks[at] != SENTENCE:
        number = numbers.by_last.get(at)
        if number and street.numbers:
            whose = _whose(number, street)
            if whose is Whose.OWN:
                return _Number(number.first, whose)
            if whose is Whose.NEARLY or _ends_range(reading, numbers, street, number):
                found = _Number(number.first, Whose.NEARLY)
            elif found.whose is not Whose.NEARLY:
                found = _Number(place.first, Whose.ANOTHERS)
        elif reading.keys[at] not in _BETWEEN:
            break
        at = number.first - 1 if number else at - 1
    behind = _behind(reading, numbers, street, place.last)
    return _Number(behind, Whose.OWN) if behind else found


def _whose(number: Said, street: Street) -> Whose:
    if not street.numbers.isdisjoint(number.numbers):
        return Whose.OWN
    return Whose.NEARLY if any(is_nearly(one, street.numbers) for one in number.numbers) else Whose.ANOTHERS


def _ends_range(reading: Reading, numbers: _Numbers, street: Street, high: Said) -> bool:
    """Tell whether a number ends a range that contains the number of the street: "16-20 Tarn Street"."""
    lows = (numbers.by_last.get(high.first - words) for words in (1, 2))
    return any(low and is_between(reading, low, high, street.numbers) for low in lows)


def _behind(reading: Reading, numbers: _Numbers, street: Street, last: int) -> int:
    """Return the last word of the street's own number after it ("Tarn Street, number 18"), or 0 if there is none."""
    for at in range(last + 1, min(len(reading), last + 1 + NEAR)):
        if reading.breaks[at - 1] >= SENTENCE:
            return 0
        number = numbers.by_first.get(at)
        if number and _whose(number, street) is Whose.OWN:
            return number.last
        if reading.keys[at] not in _BEHIND:
            return 0
    return 0


def _with_town(reading: Reading, last: int, address: Address) -> int:
    """Return the last word of an address including the postcode, or its first half, if it follows."""
    for wanted in (address.outward, address.inward):
        if wanted and last + 1 < len(reading) and reading.keys[last + 1] == wanted:
            last += 1
    return last


def _houses(reading: Reading, address: Address) -> Iterator[Match]:
    """Yield the places where only the distinctive word of a house name stands: "Hazel" for "Hazel Court"."""
    first, *rest = address.streets or (None,)
    if not first or not rest or first.numbers - address.units or is_kind(first.words[first.distinctive_at]):
        return
    for at in reading.places_of({first.words[first.distinctive_at]}):
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


def _alone(reading: Reading, numbers: _Numbers, wanted: frozenset[str]) -> Iterator[Match]:
    """Yield the house number alone after a word for it, in digits or words: "lives at number 18"."""
    for number in numbers.by_first.values():
        if not number.first or wanted.isdisjoint(number.numbers):
            continue
        before = reading.keys[number.first - 1]
        if before in _NUMBER_WORDS:
            yield Match(*reading.original(number.first - 1, number.last), Who.SOURCE, "address.number")
        elif before == "at" and _is_of_people(reading, number.first, number.last):
            yield Match(*reading.original(number.first, number.last), Who.SOURCE, "address.number.unsure")


def _is_of_people(reading: Reading, at: int, last: int) -> bool:
    """Tell whether a number after "at" is the house where people live and not a time."""
    return reading.keys[max(0, at - 2)] in _PEOPLE and not _TIMES & set(reading.keys[last + 1 : last + 2])
