"""Takes an address apart: its numbers, the words of each line, its postcode.

An address is read by tokens and not by commas, because people write "Flat 2 18 Garnet Street", "18/2 Garnet Street" and
"Tŷ Gwyn, Heol y Bryn". Each number belongs to the words after it. Every line except the town and the postcode counts as
a street.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from sanitiser_service.matcher.places.house_numbers import ORDINALS, in_figures, number_of
from sanitiser_service.matcher.text.lexicons import sections_of, word_set
from sanitiser_service.matcher.text.normalising import fold
from sanitiser_service.matcher.text.reading import plain

_LINE_ENDS = re.compile(r"[,;\n\r()]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})\b")
_NUMBER_ALONE = re.compile(
    r"((?:^|[,;\n])[ \t]*(?:nos?\b\.?|number)?[ \t]*\d{1,5}[a-z]?)[ \t]*[,;\n]"
)  # "18, Tarn Street"
_THOUSAND = re.compile(r"\b([1-9]\d?),(\d{3})\b")  # "1,204 London Road", and "Flat 1,204 London Road"


_SECTIONS = [(section, tuple(line.split())) for section, found in sections_of("streets.txt") for line in found]
_KINDS = frozenset(word for section, words in _SECTIONS if section == "kinds" for word in words)
_SHORTENED = (
    *(words if section == "kinds" else (*words, f"{words[0]}s") for section, words in _SECTIONS),
    *ORDINALS.items(),
)


def _by_spelling() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return, for each spelling, the words that can be spelled so, each in all its spellings."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for words in _SHORTENED:
        found |= {word: (*found.get(word, ()), words) for word in words}
    return found


SPELLINGS = {word: frozenset().union(*found) for word, found in _by_spelling().items()}
_FULL = {word: tuple(spellings[0] for spellings in found) for word, found in _by_spelling().items()}
_UNITS, _SMALL = word_set("addresses_units"), word_set("addresses_small")
_BEFORE_NUMBERS = frozenset({"a", "and", "to"})
_NOT_LAST, _FIRST = word_set("addresses_not_last"), word_set("addresses_first")
_COUNTIES, _SITES = word_set("addresses_counties"), word_set("addresses_sites")
_SITE_NAMES = word_set("addresses_site_names")
_NOT_DISTINCTIVE = _SITES | _SITE_NAMES | _UNITS | _SMALL
_SHORTER = {"saint": "st", "street": "st", "road": "rd"}  # short forms that people write together with a name
LONG_ENOUGH, LONG_ENOUGH_TOGETHER = 3, 5


class Street(NamedTuple):
    """A line of an address: its numbers, its words, and the position of its first distinctive word.

    `is_town` marks a town that identifies a house only beside its number: "Pitch 12, Travellers' Site, Cottingley
    Springs".
    """

    numbers: frozenset[str]
    words: tuple[str, ...]
    distinctive_at: int
    is_town: bool = False


class Address(NamedTuple):
    """The parts of an address; parts that cannot be recognised are empty."""

    streets: tuple[Street, ...]
    units: frozenset[str]
    outward: str
    inward: str

    @property
    def numbers(self) -> frozenset[str]:
        """Return the numbers of houses and of flats."""
        return self.units.union(*(street.numbers for street in self.streets))


@lru_cache(maxsize=256)
def address_of(value: str) -> Address:
    """Return the parts of an address."""
    text = fold(value).text
    codes = list(_POSTCODE.finditer(text))
    code = codes[-1] if codes else None
    outward, inward = code.groups() if code else ("", "")
    rest = f"{text[: code.start()]},{text[code.end() :]}" if code else text
    lines = _LINE_ENDS.split(_NUMBER_ALONE.sub(r"\1 ", _THOUSAND.sub(r"\1\2 \2 ", rest)))
    streets: list[Street] = []
    units: set[str] = set()
    for line in lines:
        streets += _streets_of(in_figures(_words_of(line), _UNITS | _BEFORE_NUMBERS), units)
    named = _without_town(streets, is_site=not _SITES.isdisjoint(_WORD.findall(rest)))
    own = [each._replace(numbers=each.numbers or frozenset(units)) for each in named]
    return Address(tuple(own), frozenset(units), outward, inward)


def _words_of(line: str) -> list[str]:
    return [plain(word) if "'" in word else word for word in _WORD.findall(line)]


def _streets_of(words: list[str], units: set[str]) -> Iterator[Street]:
    """Yield the streets of a line; a flat number goes to `units`, and also to a street directly after it."""
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
        while part and part[0] in _UNITS and not all(map(is_kind, part[1:])):  # "Boat Lane" is a lane
            part.pop(0)
        if part:
            yield from _cut(part, frozenset(numbers))
            numbers = []
    units.update(numbers)


def _cut(words: list[str], numbers: frozenset[str]) -> Iterator[Street]:
    """Yield a street, and the words after its kind in the same line ("18 Tarn Street Leeds") as another street."""
    large = [at for at, word in enumerate(words) if word not in _SMALL]
    names = (at for at in large if not is_kind(words[at]) and len(words[at]) > 1)
    distinctive_at = next(names, large[0] if large else 0)
    kinds = [at for at in range(distinctive_at + 1, len(words)) if is_kind(words[at]) and words[at] not in _NOT_LAST]
    ends = [at + 1 for at in kinds if numbers and not is_kind("".join(words[at + 1 : at + 2]))]
    end = ends[0] if ends else len(words)
    yield Street(numbers, tuple(words[:end]), distinctive_at)
    if end < len(words):
        yield from _cut(words[end:], frozenset())


def _without_town(streets: list[Street], *, is_site: bool) -> list[Street]:
    """Return streets without county and town at the end; on a site, the town may be the only distinctive line."""
    while len(streets) > 1 and set(streets[-1].words) & _COUNTIES and not streets[-1].numbers:
        streets = streets[:-1]
    if len(streets) < 2 or _is_street(streets[-1]):  # noqa: PLR2004 - a town comes after something
        return streets
    *others, town = streets
    is_distinct = any(not _NOT_DISTINCTIVE.issuperset(street.words) for street in others)
    return [*others, town._replace(is_town=is_distinct and town.words[-1] not in _SITE_NAMES)] if is_site else others


def _is_street(street: Street) -> bool:
    last = street.words[-1]
    return bool(street.numbers) or (is_kind(last) and last not in _NOT_LAST) or street.words[0] in _FIRST


def is_kind(word: str) -> bool:
    """Tell whether a word is a kind of street or house, abbreviated or not."""
    return word in _KINDS or word in _FIRST or word in _UNITS


def spellings_of(word: str) -> frozenset[str]:
    """Return the spellings of a word in an address: abbreviated, in full, with and without a possessive ending."""
    if word in SPELLINGS:
        return SPELLINGS[word]
    stem = word[:-1] if word.endswith("s") and len(word) > LONG_ENOUGH else word
    return frozenset({word, stem, stem + "s"})


def names_of(street: Street) -> tuple[str, ...]:
    """Return the distinctive words of a street; if all its words are kinds of street, the first of these."""
    words = street.words[street.distinctive_at :]
    names = tuple(word for word in words if not is_kind(word) and word not in _SMALL and len(word) > 1)
    return names or (street.words[street.distinctive_at],)


@lru_cache(maxsize=512)
def run_together(street: Street) -> dict[str, int]:
    """Return a street's name as one word, in every spelling, with and without its kind, with its number of words."""
    words, distinctive_at = street.words, street.distinctive_at
    in_full = tuple(_in_full(word, is_last=at == len(words) - 1) for at, word in enumerate(words))
    shorter = tuple(_SHORTER.get(word, word) for word in in_full)
    name_ends = len(words) - 1 if distinctive_at < len(words) - 1 and is_kind(words[-1]) else len(words)
    return {
        together: end - first
        for spelled in (words, in_full, shorter)
        for first in (0, distinctive_at, int(words[0] == "the" and len(words) > 1))
        for end in (name_ends, len(words))
        if len(together := "".join(spelled[first:end])) >= LONG_ENOUGH_TOGETHER
    }


def _in_full(word: str, *, is_last: bool) -> str:
    """Return a word without abbreviation: "St" is "street" at the end of a name and "saint" elsewhere."""
    words = _FULL.get(word, (word,))
    return words[0 if is_last else -1]
