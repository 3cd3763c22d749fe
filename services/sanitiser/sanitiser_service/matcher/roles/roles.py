"""Finds roles in the third person: the words of the form, and everyday words for the same trade ("the cabbie", "HV").

A role beside the name of another person ("head doorman Stephen") belongs to that person.
"""

from collections.abc import Iterator
from functools import lru_cache

from pipeline_shared.text.lexicon import entries_of
from pipeline_shared.text.tokens import JOINED
from sanitiser_service.form.common_words import lines_of
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import CAPITALS, Reading

Phrase = tuple[str, ...]
_CALLED = word_set("roles_called")
_OTHERS = word_set("roles_others")
_ARTICLES = frozenset({"the", "a", "an"})
_POINTERS = frozenset({"the", "her", "his", "their", "this", "our"})
_LOOSE = word_set("roles_loose")


def _plain(entry: str) -> Phrase:
    return tuple(entry.replace("'s", "").replace("'", "").replace("-", " ").split())


def _groups() -> dict[Phrase, tuple[Phrase, ...]]:
    """Return, for each phrase, all phrases of the groups that contain it."""
    groups: dict[Phrase, list[Phrase]] = {}
    for line in lines_of("roles.txt"):
        group = [_plain(entry) for entry in entries_of(line)]
        for entry in group:
            groups.setdefault(entry, []).extend(group)
    return {entry: tuple(dict.fromkeys(found)) for entry, found in groups.items()}


_GROUPS = _groups()


@lru_cache(maxsize=512)
def phrases_of(role: str) -> dict[str, tuple[tuple[Phrase, bool], ...]]:
    """Return the phrases for a role by first word or its plural, longest first; True marks those of the form itself."""
    own = _plain(role.replace(",", " ").replace("/", " "))
    found: dict[Phrase, bool] = {own: True} if own else {}
    said = [phrase for phrase in _phrases_in(own) if phrase in _GROUPS]
    found |= dict.fromkeys(said, True)
    for phrase in said:
        for entry in _GROUPS[phrase]:
            found.setdefault(entry, False)
    for first in range(1, len(own) - 1):  # "safeguarding lead" of "designated safeguarding lead"
        found.setdefault(own[first:], True)
    if len(own) > 1 and own[-1:] in _GROUPS and own[-1] not in _LOOSE:
        found.setdefault(own[-1:], True)
    if len(own) > 1:
        found.setdefault(("".join(word[0] for word in own),), False)
    index: dict[str, list[tuple[Phrase, bool]]] = {}
    for phrase in sorted(found, key=len, reverse=True):
        index.setdefault(phrase[0], []).append((phrase, found[phrase]))
    plurals = {first + "s": index.get((first + "s").rstrip("s"), []) for first in index}
    return {first: tuple(phrases) for first, phrases in {**plurals, **index}.items()}


def _phrases_in(role: Phrase) -> list[Phrase]:
    size = len(role)
    return [role[first:last] for first in range(size) for last in range(first + 1, size + 1)]


def roles_in(reading: Reading, protection: Protection, bystanders: Bystanders) -> Iterator[Match]:
    """Yield the places of the role of the source or the submitter, or of the source's relationship to a subject."""
    for who, kind, value in protection.roles:
        phrases = phrases_of(value)
        for at in reading.places_of(phrases):
            for phrase, is_own in phrases[reading.keys[at]]:
                last = at + len(phrase) - 1
                if len(phrase) == 1 or tuple(reading.keys[at + 1 : last + 1]) == phrase[1:]:
                    yield _match(reading, at, last, bystanders, who=who, kind=kind if is_own else "role.similar")
                    break


def _match(reading: Reading, first: int, last: int, bystanders: Bystanders, *, who: Who, kind: str) -> Match:
    before = reading.keys[first - 1] if first else ""
    is_plural = reading.keys[last].endswith("s") and not reading.keys[last].endswith("ss")
    if is_plural and last == first and before not in _POINTERS:
        kind = "role.word"
    if (kind != "relationship" and _is_somebody_else(reading, first, last, bystanders)) or (
        kind == "role.similar"
        and not (  # an abbreviation counts only in capitals
            before in _POINTERS or reading.cases[first] == CAPITALS or reading.opens(first)
        )
    ):
        kind = "role.word"
    if before in _ARTICLES and kind != "role.word":
        first -= 1
    return Match(*reading.original(first, last), who, kind)


def _is_somebody_else(reading: Reading, first: int, last: int, bystanders: Bystanders) -> bool:
    before = reading.keys[first - 1] if first else ""
    if before in _OTHERS:
        return True
    if last + 1 >= len(reading) or reading.breaks[last] != JOINED:
        return before in bystanders.keys
    after = reading.keys[last + 1]
    return after in _CALLED or after in bystanders.keys or before in bystanders.keys
