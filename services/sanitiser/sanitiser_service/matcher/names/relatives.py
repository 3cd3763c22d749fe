"""Finds names of people close to the source: "my wife Beata", "the carer's son Marcus", "Harjit (the wife)".

Only a single name counts. "My sister's boy Delroy Prendergast" has a surname and is probably a subject.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import BONDS, FAMILY, GREETINGS, NICKNAMES
from sanitiser_service.matcher.text.reading import CAPITALISED, Reading

NEAR, FAR, SHORTEST = 10, 30, 2
OWNED = 3
BRACKETED, LISTED = 2, 4  # words from a name to its owner: "Harjit (the wife)", to the last of a list
_MINE = frozenset({"my", "our", "ma"})
_THEIRS = frozenset({"his", "her", "their"})
_NEAR_PEOPLE = FAMILY | BONDS | {"lad", "lass", "boy", "girl", "bairn", "fella", "missus"}
_CALLED = frozenset({"uses", "aka", "prefers", "alias", "nickname"})
_CALLED_PAIRS = frozenset(
    {("known", "as"), ("goes", "by"), ("calls", "herself"), ("calls", "himself"), ("called", "me")}
)
_INTRODUCE_NAMES = _NEAR_PEOPLE | _MINE
_NOBODY = TITLES | GREETINGS | FAMILY | {"i", "we", "he", "she"}
_JOINTS = frozenset({" ", ", ", ": ", " (", " - "})
_INSIDE_NAMES = frozenset({" ", "-", "'s "})
_IN_LAW, _COPULAS = ("in", "law"), frozenset({"is", "called", "named"})


def relatives_in(
    reading: Reading, protection: Protection, bystanders: Bystanders, mentions: tuple[int, ...]
) -> Iterator[Match]:
    """Yield the places of names of people close to the source; `mentions` are the words that name the source."""
    found = {
        reading.keys[at]: kind for at, kind in _named_beside_kin(reading, mentions) if _is_free(reading, at, protection)
    }
    for at in reading.places_of(found):
        key = reading.keys[at]
        if (reading.cases[at] or not reading.cased) and _is_single(reading, at):
            yield Match(
                *reading.original(at, at), Who.OTHER, "relative.unsure" if key in bystanders.keys else found[key]
            )


def _named_beside_kin(reading: Reading, mentions: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Yield names beside words for relatives, the most certain last, so that they win; `mentions` are in order."""
    sure: list[int] = []
    for at in reading.places_of(_INTRODUCE_NAMES):
        key = reading.keys[at]
        if key in _MINE and reading.cases[at + 1 : at + 2] == [CAPITALISED] and reading.keys[at + 1] not in WORDS:
            yield at + 1, "relative.unsure"
        if key not in _NEAR_PEOPLE or not at:
            continue
        named = list(_named_after(reading, at))
        if _is_sources(reading, at, mentions):
            sure += named
        elif key in FAMILY and not _is_a_subjects(reading, at):
            yield from ((name, "relative.unsure") for name in named)
        before = _named_before(reading, at)
        if before is not None:
            owned = _is_sources(reading, at, mentions) or "(" in reading.gaps[before]
            sure += [before] if owned else []
            yield before, "relative.unsure"
    sure += _also_called(reading, mentions)
    yield from ((name, "relative") for name in sure)


def _named_after(reading: Reading, at: int) -> Iterator[int]:
    last = at + len(_IN_LAW) if tuple(reading.keys[at + 1 : at + 1 + len(_IN_LAW)]) == _IN_LAW else at
    after = last + 1
    if after < len(reading) and reading.gaps[last] in _JOINTS:
        after += reading.keys[after] in _COPULAS and after + 1 < len(reading)
        yield after
        if reading.keys[after + 1 : after + 2] == ["and"]:
            yield after + 2


def _is_sources(reading: Reading, at: int, mentions: tuple[int, ...]) -> bool:
    before = reading.keys[max(0, at - OWNED) : at]
    owner = next((key for key in reversed(before) if key in _MINE | _THEIRS), before[-1])  # "her own little girl"
    if owner in _MINE or _last_before(mentions, at) == at - 1:
        return True
    return owner in _THEIRS and (_speaks_of_source(reading, at, mentions) or _names_nobody_before(reading, at))


def _is_a_subjects(reading: Reading, at: int) -> bool:
    """Tell whether a relative is owned by somebody who is named: "Renée's brother", "Tariq Aziz and his son"."""
    owner = reading.keys[at - 1]
    return owner in _THEIRS or bool(reading.cased and reading.cases[at - 1] and owner not in WORDS)


def _names_nobody_before(reading: Reading, at: int) -> bool:
    """Tell whether a sentence has no name before "her sister Adjoa", so that the sister can only be the source's."""
    first = at
    while first > at - FAR and first and not reading.opens(first):
        first -= 1
    return reading.cased and not any(reading.cases[n] and reading.keys[n] not in WORDS for n in range(first, at))


def _speaks_of_source(reading: Reading, at: int, mentions: tuple[int, ...]) -> bool:
    """Tell whether the source is the last person named before a word."""
    mention = _last_before(mentions, at)
    if mention <= max(-1, at - FAR):
        return False
    between = range(mention + 1, at - NEAR)
    return not any(reading.cases[n] and not reading.opens(n) and reading.keys[n] not in WORDS for n in between)


def _last_before(mentions: Sequence[int], at: int) -> int:
    """Return the last mention before a word, or -1, by bisection, because a text may have very many mentions."""
    found = bisect_left(mentions, at)
    return mentions[found - 1] if found else -1


def _also_called(reading: Reading, mentions: tuple[int, ...]) -> Iterator[int]:
    """Yield the places of further names of the source: "Chen Meiling (uses Amy)"."""
    for mention in mentions:
        for at in range(mention + 1, min(mention + 5, len(reading) - 1)):
            if reading.keys[at] in _CALLED or tuple(reading.keys[at - 1 : at + 1]) in _CALLED_PAIRS:
                yield at + 1


def _named_before(reading: Reading, at: int) -> int | None:
    """Return the place of a name before a word for a relative: "Harjit (the wife)", "Shirin, her sister"."""
    for name in range(at - 2, max(-1, at - 6), -1):
        if "(" in reading.gaps[name]:
            owner = reading.keys[at - 1]
            return name if owner in _MINE or (owner == "the" and at - name == BRACKETED) else None
        if reading.gaps[name] == ", " and at - name <= LISTED:
            return name
    return None


def _is_free(reading: Reading, at: int, protection: Protection) -> bool:
    """Tell whether a word can be the single name of a relative."""
    if at >= len(reading):
        return False
    key = reading.keys[at]
    if reading.cases[at] != CAPITALISED or key in protection.known or key in _NOBODY:
        return False
    return _is_single(reading, at) and (key not in WORDS or not reading.opens(at))


def _is_single(reading: Reading, at: int) -> bool:
    """Tell whether a name has neither a surname after it nor another name before it, and ends no name of a place."""
    if _has_surname(reading, at) or len(reading.keys[at]) < SHORTEST:
        return False
    if not at or not reading.cased or reading.gaps[at - 1] not in _INSIDE_NAMES or not reading.cases[at - 1]:
        return True
    key, before = reading.keys[at], reading.keys[at - 1]
    if before in _NOBODY or before in _MINE:
        return True
    return before in WORDS and before not in NICKNAMES and (key not in WORDS or key in NICKNAMES)


def _has_surname(reading: Reading, at: int) -> bool:
    return at + 1 < len(reading) and reading.gaps[at] == " " and bool(reading.cases[at + 1]) and reading.cased
