"""Roles in the third person: the form's own words, and lay words for the same trade ("the cabbie", "dinner lady", "HV").

A role with somebody else's name beside it ("head doorman Stephen") is that person's.
"""

from collections.abc import Iterator
from functools import lru_cache

from sanitiser_service.sanitising.findings import Match
from sanitiser_service.sanitising.lexicons import entries, lines_of
from sanitiser_service.sanitising.names import Others
from sanitiser_service.sanitising.persons import Protection
from sanitiser_service.sanitising.reading import JOINED, Reading

Phrase = tuple[str, ...]
_CALLED = frozenset("called named known".split())
_OTHERS = frozenset("another other different some any every two three".split())
_LOOSE = frozenset("manager officer driver worker assistant adviser staff senior head lead".split())


def _plain(entry: str) -> Phrase:
    return tuple(entry.replace("'s", "").replace("'", "").replace("-", " ").split())


_GROUPS = tuple(tuple(_plain(entry) for entry in entries(line)) for line in lines_of("roles.txt"))


@lru_cache(maxsize=512)
def phrases_of(role: str) -> dict[str, tuple[tuple[Phrase, bool], ...]]:
    """Return the phrases that say a role, by first word, longest first, each with whether the form itself says it."""
    own = _plain(role.replace(",", " ").replace("/", " "))
    found: dict[Phrase, bool] = {own: True} if own else {}
    for group in _GROUPS:
        if any(_names(entry, own) for entry in group):
            for entry in group:
                found.setdefault(entry, _names(entry, own))
    if len(own) > 1 and own[-1] not in _LOOSE:
        found.setdefault(own[-1:], True)
    index: dict[str, list[tuple[Phrase, bool]]] = {}
    for phrase in sorted(found, key=len, reverse=True):
        index.setdefault(phrase[0], []).append((phrase, found[phrase]))
    return {first: tuple(phrases) for first, phrases in index.items()}


def _names(entry: Phrase, role: Phrase) -> bool:
    """Tell whether a group's entry is the role or stands in it whole."""
    size = len(entry)
    return any(role[at : at + size] == entry for at in range(len(role) - size + 1))


def roles_in(reading: Reading, protection: Protection, others: Others) -> Iterator[Match]:
    """Return where a text says the role of source or submitter, or the source's relationship to a subject."""
    for who, kind, value in protection.roles:
        phrases = phrases_of(value)
        for at, key in enumerate(reading.keys):
            for phrase, is_own in phrases.get(key) or phrases.get(key.rstrip("s"), ()):
                last = at + len(phrase) - 1
                if len(phrase) == 1 or tuple(reading.keys[at + 1 : last + 1]) == phrase[1:]:
                    yield Match(*reading.original(at, last), who, _kind(reading, at, last, others, own=kind if is_own else ""))
                    break


def _kind(reading: Reading, first: int, last: int, others: Others, *, own: str) -> str:
    return "role.word" if not own or _is_somebody_else(reading, first, last, others) else own


def _is_somebody_else(reading: Reading, first: int, last: int, others: Others) -> bool:
    before = reading.keys[first - 1] if first else ""
    if before in _OTHERS:
        return True
    if last + 1 >= len(reading) or reading.breaks[last] != JOINED:
        return before in others.keys
    after = reading.keys[last + 1]
    return after in _CALLED or after in others.keys or before in others.keys


