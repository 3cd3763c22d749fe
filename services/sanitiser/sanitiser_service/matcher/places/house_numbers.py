"""Reads house numbers: 18, 18a, eighteen, one eight, 1,204, twelve hundred and four, 16-20."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline_shared.text.tokens import CLAUSE
from sanitiser_service.matcher.text.reading import Reading

_NUMBER = re.compile(r"0*(\d{1,5})([a-z]?)")
_WITH_STREET = re.compile(r"0*(\d{1,5})([a-z]{3,})")  # "18garnet", and no "18th"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_RANGES = frozenset("-\u2013\u2014")
MOST_WORDS = 8
TEN, HUNDRED, THOUSAND = 10, 100, 1000

ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_FIRST = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_BELOW_TEN = frozenset(_FIRST[: TEN - 1])
_SCALES = {"hundred": HUNDRED, "thousand": THOUSAND}
_TIMES = {"double": 2, "treble": 3, "triple": 3}
_NOUGHTS = frozenset({"o", "oh", "nought", "zero", "0"})
_VALUES = (
    dict.fromkeys(_NOUGHTS, 0)
    | {word: value for value, word in enumerate(ONES, 1)}
    | {str(value): value for value in range(1, TEN)}
    | {ten + one: value * TEN + more for value, ten in enumerate(TENS, 2) for more, one in enumerate(("", *ONES[:9]))}
    | {"fourty": 40, "eightteen": 18}
)
SAID = (_VALUES.keys() | _SCALES.keys() | _TIMES.keys()) - _NOUGHTS - set("123456789")


def _ordinals() -> Iterator[tuple[str, str]]:
    """Yield the ordinals below a hundred, in words without spaces and in figures."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    for value in range(1, HUNDRED):
        ten, one = divmod(value, TEN)
        end = "th" if ten == 1 else ends.get(one, "th")
        tens = TENS[ten - 2] if ten > 1 else ""
        word = _FIRST[value - 1] if not tens else tens + _FIRST[one - 1] if one else f"{tens[:-1]}ieth"
        yield word, f"{value}{end}"


ORDINALS = dict(_ordinals())


class Said(NamedTuple):
    """The place of a number in a text, and its possible values: "one eighteen" is 118 or, after the 1 of a flat, 18."""

    first: int
    last: int
    numbers: tuple[str, ...]


def number_of(word: str) -> str:
    """Return a house number, with its letter if it has one; empty for any other word."""
    found = _NUMBER.fullmatch(word)
    return found[1] + found[2] if found else ""


def with_street(word: str) -> tuple[str, str]:
    """Return a house number and the letters of a street written together with it, or two empty texts."""
    found = _WITH_STREET.fullmatch(word)
    return (found[1], found[2]) if found else ("", "")


def is_nearly(number: str, numbers: frozenset[str]) -> bool:
    """Tell whether a number equals one of several except for a letter: 18a may be the flat of a neighbour at 18."""
    return bool(number) and number.rstrip(_LETTERS) in {other.rstrip(_LETTERS) for other in numbers}


def said(words: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Return the count of words at the beginning that form a number, and the possible values of the number."""
    groups: list[int] = []
    taken, room, times = 0, 0, 1
    for at, word in enumerate(words[:MOST_WORDS]):
        if word == "and" and room >= HUNDRED:
            continue
        if word in _TIMES:
            times = _TIMES[word]
            continue
        value = _VALUES.get(word)
        if word in _SCALES:
            room = _SCALES[word]
            groups[-1:] = [_scaled(groups[-1] if groups else 1, room)]
        elif value is None or not (value or groups) or _is_ordinal(words[at : at + 2]):
            break
        elif 0 < value < room:
            groups[-1] += value
            room = _room_behind(value)
        else:
            groups += [value] * times
            room = _room_behind(value)
        taken, times = at + 1, 1
    each = [str(value) for value in groups]
    digits = (*("".join(each[at:]) for at in range(len(each))), *each)
    return taken, tuple(dict.fromkeys(number_of(one) for one in digits if number_of(one)))


def _scaled(value: int, scale: int) -> int:
    """Return a number times a hundred or thousand, except thousands it already has: one thousand two (hundred)."""
    thousands, rest = divmod(value, THOUSAND)
    return thousands * THOUSAND + rest * scale


def _room_behind(value: int) -> int:
    return TEN if value >= 2 * TEN and value % TEN == 0 else 0


def _is_ordinal(words: Sequence[str]) -> bool:
    """Tell whether words are an ordinal such as "twenty first", which is part of a street name and not a number."""
    return len(words) > 1 and words[0] in TENS and words[1] in _BELOW_TEN


def in_figures(words: list[str], before: frozenset[str]) -> list[str]:
    """Return an address with its numbers in figures and each ordinal as one word.

    A number counts at the beginning of a line or after one of the words in `before`.
    """
    figured: list[str] = []
    at = 0
    while at < len(words):
        taken, numbers = said(words[at:]) if not at or words[at - 1] in before else (0, ())
        if _is_ordinal(words[at : at + 2]):
            taken, numbers = 2, ("".join(words[at : at + 2]),)
        figured += numbers[:1] or words[at : at + 1]
        at += taken or 1
    return figured


def numbers_in(reading: Reading) -> list[Said]:
    """Return the numbers of a text, in order."""
    found: list[Said] = []
    for at in sorted({*reading.unlettered, *reading.places_of(SAID)}):
        if found and at <= found[-1].last:
            continue
        key = reading.keys[at]
        taken, numbers = said(reading.keys[at : _clause_end(reading, at)])
        if taken:
            found.append(Said(at, at + taken - 1, numbers))
        elif number := number_of(key):
            found.append(Said(at, at, (number,)))
        if found and found[-1].last == at and _is_thousand(reading, at):
            before = reading.keys[at - 1]
            found[-2:] = [found[-1]._replace(first=at - 1, numbers=(before + key, number_of(key)))]
    return found


def _clause_end(reading: Reading, at: int) -> int:
    most = min(len(reading), at + MOST_WORDS)
    return next((n + 1 for n in range(at, most) if reading.breaks[n] >= CLAUSE), most)


def _is_thousand(reading: Reading, at: int) -> bool:
    """Tell whether three figures follow a comma after a number: 1,204."""
    if not at or reading.gaps[at - 1] != ",":
        return False
    return bool(re.fullmatch(r"\d{3}", reading.keys[at]) and re.fullmatch(r"[1-9]\d?", reading.keys[at - 1]))


def is_between(reading: Reading, low: Said, high: Said, numbers: frozenset[str]) -> bool:
    """Tell whether two numbers are the ends of a range that contains one of `numbers`: 16-20, 16 to 20."""
    between = reading.keys[low.last + 1 : high.first]
    signs = set(reading.gaps[low.last].replace(" ", ""))
    if between != ["to"] and (between or not signs or not signs <= _RANGES):
        return False
    ends = [int(one.numbers[0].rstrip(_LETTERS)) for one in (low, high)]
    return any(ends[0] < int(number.rstrip(_LETTERS)) < ends[1] for number in numbers)
