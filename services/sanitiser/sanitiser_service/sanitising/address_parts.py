"""An address in what a text may hold of it: its numbers, the words of each of its lines, its postcode.

Addresses are read by tokens, not by commas: every number with the words after it, and every line but the town and the
postcode as a street. People write "Flat 2 18 Garnet Street", "18/2 Garnet Street" and "Tŷ Gwyn, Heol y Bryn".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from sanitiser_service.sanitising.lexicons import lines_of, word_set
from sanitiser_service.sanitising.normalising import fold
from sanitiser_service.sanitising.reading import plain

_LINE_ENDS = re.compile(r"[,;\n\r()]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})\b")
_NUMBER_ALONE = re.compile(
    r"((?:^|[,;\n])[ \t]*(?:nos?\b\.?|number)?[ \t]*\d{1,5}[a-z]?)[ \t]*[,;\n]"
)  # "18, Tarn Street"
_NUMBER = re.compile(r"0*(\d{1,5})([a-z]?)")
_SHORT = {line.split()[0]: tuple(line.split()) for line in lines_of("streets.txt")}
SPELLINGS = {word: frozenset(spellings) for word, spellings in _SHORT.items()}
_KINDS = {spelling: word for word, spellings in _SHORT.items() for spelling in reversed(spellings)}
_UNITS, _SMALL = word_set("addresses_units"), word_set("addresses_small")
_NOT_LAST, _FIRST = word_set("addresses_not_last"), word_set("addresses_first")
_COUNTIES = word_set("addresses_counties")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG_ENOUGH = 3

ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
HUNDRED = 100


class Street(NamedTuple):
    """A line of an address: its numbers, its words, and where the first word stands that tells it from others."""

    numbers: frozenset[str]
    words: tuple[str, ...]
    telling: int


class Address(NamedTuple):
    """An address in what a text may hold of it; whatever cannot be told is empty."""

    streets: tuple[Street, ...]
    units: frozenset[str]
    outward: str
    inward: str

    @property
    def numbers(self) -> frozenset[str]:
        """Return all numbers, of houses and of flats."""
        return self.units.union(*(street.numbers for street in self.streets))


@lru_cache(maxsize=256)
def address_of(value: str) -> Address:
    """Return an address in its parts."""
    text = fold(value).text
    codes = list(_POSTCODE.finditer(text))
    code = codes[-1] if codes else None
    outward, inward = code.groups() if code else ("", "")
    rest = f"{text[: code.start()]},{text[code.end() :]}" if code else text
    lines = _LINE_ENDS.split(_NUMBER_ALONE.sub(r"\1 ", rest))
    streets: list[Street] = []
    units: set[str] = set()
    for line in lines:
        streets += _streets_of([plain(word) for word in _WORD.findall(line)], units)
    own = [each._replace(numbers=each.numbers or frozenset(units)) for each in _without_town(streets)]
    return Address(tuple(own), frozenset(units), outward, inward)


def _streets_of(words: list[str], units: set[str]) -> Iterator[Street]:
    """Yield the streets of a line; numbers of flats go to `units`, and to a street that follows at once."""
    numbers: list[str] = []
    last_unit = False
    for is_number, group in groupby(words, key=lambda word: number_of(word) != ""):
        if is_number:
            found = [number_of(word) for word in group]
            if last_unit:
                units.add(found[0])
            numbers += found[1:] if last_unit and len(found) > 1 else found
            continue
        part = list(group)
        if _SMALL.issuperset(part):  # "41 to 43", "18 a"
            continue
        last_unit = part[-1] in _UNITS
        while part and part[-1] in _UNITS | _SMALL:
            part.pop()
        while part and part[0] in _UNITS:
            part.pop(0)
        if part:
            yield from _cut(part, frozenset(numbers))
            numbers = []
    units.update(numbers)


def _cut(words: list[str], numbers: frozenset[str]) -> Iterator[Street]:
    """Yield a street, and what follows its kind in the same line ("18 Tarn Street Leeds") as one of its own."""
    large = [at for at, word in enumerate(words) if word not in _SMALL]
    telling = next((at for at in large if not is_kind(words[at])), large[0] if large else 0)
    kinds = [at for at in range(telling + 1, len(words)) if is_kind(words[at]) and words[at] not in _NOT_LAST]
    ends = [at + 1 for at in kinds if numbers and not is_kind("".join(words[at + 1 : at + 2]))]
    end = ends[0] if ends else len(words)
    yield Street(numbers, tuple(words[:end]), telling)
    if end < len(words):
        yield from _cut(words[end:], frozenset())


def _without_town(streets: list[Street]) -> list[Street]:
    """Return streets without the county and the town that stand last."""
    while len(streets) > 1 and set(streets[-1].words) & _COUNTIES and not streets[-1].numbers:
        streets = streets[:-1]
    return streets[:-1] if len(streets) > 1 and not _is_street(streets[-1]) else streets


def _is_street(street: Street) -> bool:
    last = street.words[-1]
    return bool(street.numbers) or (is_kind(last) and last not in _NOT_LAST) or street.words[0] in _FIRST


def is_kind(word: str) -> bool:
    """Tell whether a word is a kind of street or house, abbreviated or not."""
    return word in _KINDS or word in _FIRST or word in _UNITS


def spellings_of(word: str) -> frozenset[str]:
    """Return how a word of an address may be written: abbreviated, in full, with a possessive ending or without."""
    kinds = SPELLINGS.get(_KINDS.get(word, word))
    if kinds:
        return kinds | SPELLINGS["street"] if word == "st" else kinds
    stem = word[:-1] if word.endswith("s") and len(word) > LONG_ENOUGH else word
    return frozenset({word, stem, stem + "s"})


def number_of(word: str) -> str:
    """Return a house number, which may have a letter behind it; empty for everything else."""
    found = _NUMBER.fullmatch(word)
    return found[1] + found[2] if found else ""


def is_nearly(number: str, numbers: frozenset[str]) -> bool:
    """Tell whether a number is one of others but for a letter: 18a may be the flat of somebody else at 18."""
    return bool(number) and number.rstrip(_LETTERS) in {other.rstrip(_LETTERS) for other in numbers}


@lru_cache(maxsize=512)
def spelled(number: str) -> frozenset[tuple[str, ...]]:
    """Return the ways to say a number below a thousand in words, without its letter; nothing for others."""
    digits = number.rstrip(_LETTERS)
    value = int(digits) if digits.isdecimal() else 0
    if value < HUNDRED:
        return frozenset({_below_hundred(value)} - {()})
    hundreds, rest = divmod(value, HUNDRED)
    if hundreds > 9:  # noqa: PLR2004 - a thousand
        return frozenset()
    heads = [(ONES[hundreds - 1], "hundred"), *([("a", "hundred")] if hundreds == 1 else [])]
    tail = _below_hundred(rest)
    if not tail:
        return frozenset(heads)
    joints: tuple[tuple[str, ...], ...] = (("and",), ())
    return frozenset((*head, *joint, *tail) for head in heads for joint in joints) | {(ONES[hundreds - 1], *tail)}


def _below_hundred(value: int) -> tuple[str, ...]:
    if value <= len(ONES):
        return (ONES[value - 1],) if value else ()
    ten, rest = divmod(value, 10)
    return (TENS[ten - 2], *_below_hundred(rest))
