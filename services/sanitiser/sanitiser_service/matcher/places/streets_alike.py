"""Finds variants of street names: joined or split, misspelt, as initials, without the first word.

A variant counts only beside the number or the kind of the street, because many ordinary words resemble street names.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline_shared.text.tokens import SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.names.sounds import LONG, differ_by_at_most, looks_like, spoken
from sanitiser_service.matcher.places.address_parts import (
    SPELLINGS,
    Street,
    is_kind,
    names_of,
    run_together,
    spellings_of,
)
from sanitiser_service.matcher.places.house_numbers import ORDINALS, number_of
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import LOWER, Reading

MOST_WORDS, MOST_APART, MOST_SKIPPED = 8, 5, 3
SHORTEST = 3
_BETWEEN = word_set("addresses_between") | word_set("addresses_small")
_BEHIND = word_set("addresses_behind")
_ORDINALS = ORDINALS.keys() | ORDINALS.values()


class Place(NamedTuple):
    """Words that may be a street; `is_whole` if they surely are, `is_parted` if spaced as in the street's name."""

    first: int
    last: int
    is_whole: bool
    is_parted: bool = True


def together_in(reading: Reading, street: Street) -> Iterator[Place]:
    """Yield the places where a street name has fewer or more words than on the form: Thornhill and Thorn Hill."""
    wanted = run_together(street)
    heads = {name[:2] for name in wanted}
    begins = {key for key in reading.present if key[:2] in heads} | reading.present.intersection(SPELLINGS)
    for name, size in wanted.items():
        for at in reading.places_of({key for key in begins if any(map(name.startswith, spellings_of(key)))}):
            last = _end_of(reading, at, name)
            if last >= 0 and last + 1 - at != size:
                yield _place(reading, street, at, last)


def _end_of(reading: Reading, at: int, name: str) -> int:
    """Return the last word of a name that begins at a word, or -1 if the name does not stand there."""
    reached = {0}
    for last in range(at, min(len(reading), at + MOST_APART)):
        spellings = spellings_of(reading.keys[last])
        reached = {done + len(one) for done in reached for one in spellings if name.startswith(one, done)}
        if len(name) in reached:
            return last
        if not reached or reading.breaks[last] >= SENTENCE:
            break
    return -1


def _place(reading: Reading, street: Street, first: int, last: int) -> Place:
    if _ends(street, "".join(reading.keys[last + 1 : last + 2])):
        return Place(first, last + 1, is_whole=True, is_parted=False)
    is_name = reading.cased and reading.cases[first] != LOWER and reading.cases[last] != LOWER
    is_whole = is_name or (first == last and reading.keys[first] not in WORDS)
    return Place(first, last, is_whole, is_parted=False)


def end_of_alike(reading: Reading, at: int, street: Street, joined: str = "") -> int:
    """Return the last word of a variant of a street name after its number, or -1 if there is none.

    The variant ends with the kind of the street or with a second word of its name; otherwise its first word must be a
    clear misspelling. `joined` are letters written together with the number.
    """
    names = names_of(street)
    if joined in run_together(street):
        return at
    done, end, found = 0, -1, list[str]()
    for skipped, (last, key) in enumerate(_behind(reading, at, joined)):
        if found and _ends(street, key):
            return last
        hit = _name_at(names, done, key, is_small=reading.cases[last] == LOWER)
        if hit >= 0:
            if hit == 0 and not joined and key in spellings_of(names[0]):
                return -1  # a place in its own right
            done, found = hit + 1, [*found, key]
            end = last if _is_plain(found, names, behind="".join(reading.keys[last + 1 : last + 2])) else end
        elif (not found and skipped == MOST_SKIPPED) or not _may_be_skipped(key):
            break
    return max(end, _end_of_apart(reading, at, street))


def _end_of_apart(reading: Reading, at: int, street: Street) -> int:
    """Return the kind of street after two or three words that together are nearly its name: "18 Thron Hill Road"."""
    for last in range(at + 3, min(len(reading), at + 5)):
        if _ends(street, reading.keys[last]) and _is_joined(reading, at + 1, last):
            together = "".join(reading.keys[at + 1 : last])
            return last if any(_is_nearly(together, name) for name in run_together(street)) else -1
    return -1


def begin_of_alike(reading: Reading, at: int, street: Street) -> int:
    """Return the first word of a variant of a street name before its number ("Tarne Street 18"), or -1."""
    last = next((n for n in range(at - 1, max(-1, at - MOST_SKIPPED), -1) if reading.keys[n] not in _BEHIND), 0)
    if last < 1 or not _ends(street, reading.keys[last]) or not _is_joined(reading, last, at):
        return -1
    key = reading.keys[last - 1]
    return last - 1 if len(key) > 1 and any(_is_nearly(key, name) for name in names_of(street)) else -1


def _ends(street: Street, word: str) -> bool:
    """Tell whether a word is the kind of street at the end of a street's name."""
    return is_kind(street.words[-1]) and word in spellings_of(street.words[-1])


def _is_joined(reading: Reading, first: int, last: int) -> bool:
    return all(reading.breaks[n] < SENTENCE for n in range(first - 1, last))


def _behind(reading: Reading, at: int, joined: str) -> Iterator[tuple[int, str]]:
    if joined:
        yield at, joined
    for last in range(at + 1, min(len(reading), at + MOST_WORDS)):
        if reading.breaks[last - 1] == SENTENCE:
            return
        yield last, reading.keys[last]


def _name_at(names: tuple[str, ...], done: int, key: str, *, is_small: bool) -> int:
    """Return the index, from `done` on, of the street's word that a word equals or nearly equals; -1 for none."""
    if key == "a" and is_small:
        return -1
    if not done and len(names) > 1 and key == "".join(name[0] for name in names):
        return len(names) - 1  # "MLK Way"
    return next((at for at in range(done, len(names)) if _is_nearly(key, names[at])), -1)


@lru_cache(maxsize=4096)
def _is_nearly(seen: str, name: str) -> bool:
    """Tell whether a word is a word of a street, its initial or a misspelling; an ordinary word must sound the same."""
    if seen in spellings_of(name) or seen == name[0]:
        return True
    if len(seen) < SHORTEST or not seen.isalpha() or seen in _ORDINALS:
        return False
    if seen in WORDS:
        return len(name) > SHORTEST and spoken(seen) == spoken(name)
    return looks_like(seen, name) or differ_by_at_most(1 if len(name) < LONG else 2, seen, name)


def _is_plain(found: list[str], names: tuple[str, ...], *, behind: str) -> bool:
    """Tell whether words name a street without its kind: several of its words, or one rare word nearly its first."""
    first, *more = found
    if len(more) > 1 or sum(len(key) > 1 for key in found) > 1 or first in spellings_of(names[0]):
        return True
    if first in WORDS or len(first) == 1 or is_kind(names[0]):
        return False
    is_later = not is_kind(behind) and any(first in spellings_of(name) for name in names)
    return is_later or looks_like(first, names[0])


def _may_be_skipped(key: str) -> bool:
    return key in _BETWEEN or key in TITLES or is_kind(key) or len(key) == 1 or number_of(key) != ""
