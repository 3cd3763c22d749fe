"""Finds parts of a role: a distinctive word of it beside any word for a person ("night staff", "worker at the club").

Such a phrase may also mean somebody else, so it is only flagged.
"""

from collections.abc import Iterator
from functools import lru_cache

from pipeline_shared.text.tokens import JOINED
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import Reading

SHORTEST, FARTHEST = 4, 4
_PEOPLE, _PLACES, _LOOSE = word_set("roles_people"), word_set("roles_places"), word_set("roles_loose")
_ARTICLES = frozenset({"the", "a", "an", "his", "her", "our", "their", "my", "this", "that"})
_SMALL = frozenset({"and", "the", "with", "from", "year", "former", "retired", "none", "unknown", "member"})


@lru_cache(maxsize=512)
def distinctive_words_of(role: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the distinctive words of a role, and its last word if that alone names the trade."""
    words = role.replace("'s", "").replace("'", "").replace("-", " ").replace("/", " ").replace(",", " ").split()
    distinctive = frozenset(
        w for w in words if len(w) >= SHORTEST and w not in _PEOPLE | _LOOSE | _SMALL and w.isalpha()
    )
    head = frozenset(words[-1:]) & distinctive if len(words) > 1 else frozenset[str]()
    return distinctive, head


def role_parts_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of a part of the role of the source or the submitter."""
    for who, kind, value in protection.roles:
        distinctive, head = distinctive_words_of(value) if kind == "role" else (frozenset[str](), frozenset[str]())
        for at in reading.places_of(distinctive):
            found = _person_beside(reading, at)
            if found or (reading.keys[at] in head and at and reading.keys[at - 1] in _ARTICLES):
                yield Match(*reading.original(*(found or (at, at))), who, "role.word")


def _person_beside(reading: Reading, at: int) -> tuple[int, int] | None:
    """Return the span of a distinctive word and a word for a person, directly after it or before it with "at the"."""
    if at + 1 < len(reading) and reading.breaks[at] == JOINED and reading.keys[at + 1] in _PEOPLE:
        return at, at + 1
    first = at - 1
    while first > max(0, at - FARTHEST) and reading.breaks[first] == JOINED and reading.keys[first] in _ARTICLES:
        first -= 1
    if first < 1 or reading.keys[first] not in _PLACES or reading.breaks[first - 1] != JOINED:
        return None
    return (first - 1, at) if reading.keys[first - 1] in _PEOPLE else None
