"""Collects the names of bystanders from subject rows and from two-word names in the texts.

A part of a protected name that a bystander shares is not surely the source's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline_shared.text.tokens import JOINED
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.names.nicknames import unlisted
from sanitiser_service.matcher.names.sounds import loosely_like
from sanitiser_service.matcher.protection import Form, Protection
from sanitiser_service.matcher.text.lexicons import GREETINGS, NICKNAMES, WORD_NAMES
from sanitiser_service.matcher.text.reading import Reading

SHORTEST = 2
JOINTS = frozenset({" ", "-", "'", ". ", "."})


@dataclass(slots=True)
class Bystanders:
    """Words in the names of bystanders (`keys`), and parts that a protected name shares with a bystander (`shared`)."""

    keys: set[str] = field(default_factory=set[str])
    shared: set[str] = field(default_factory=set[str])


def bystanders_of(subject_names: Iterable[str]) -> Bystanders:
    """Return the names in the subject rows as names of bystanders."""
    bystanders = Bystanders()
    for key in subject_names:
        bystanders.keys.add(key)
        bystanders.shared.add(key)
    return bystanders


def runs_in(reading: Reading) -> list[tuple[int, int]]:
    """Return the spans of two or more adjacent capitalised words; none if the text does not use case."""
    if not reading.cased:
        return []
    runs: list[tuple[int, int]] = []
    first = last = -2
    for at in reading.with_capital:
        if (
            last == at - 1
            and reading.gaps[last] in JOINTS
            and not (reading.gaps[last] == ". " and reading.breaks[last])
        ):
            last = at
            continue
        if last > first >= 0:
            runs.append((first, last))
        first = last = at
    if last > first >= 0:
        runs.append((first, last))
    return runs


def learn_bystanders(reading: Reading, protection: Protection, bystanders: Bystanders) -> None:
    """Add the names of bystanders in a text."""
    for first, last in runs_in(reading):
        words = [at for at in range(first, last + 1) if _names_somebody(reading, at)]
        if len(words) < len(("given", "family")) or any(reading.keys[at] in protection.known for at in words):
            continue
        if not _resembles([reading.keys[at] for at in words], protection):
            bystanders.keys.update(reading.keys[at] for at in words)


def _resembles(keys: list[str], protection: Protection) -> bool:
    """Tell whether words may be a protected name misspelt in both halves, or in one half beside ordinary words."""
    for at, key in enumerate(keys):
        form = unlisted(key, protection, titled=False) if key[0] in protection.heads else None
        if form and form.kind == "name.misspelling":
            before, rest = keys[:at], keys[:at] + keys[at + 1 :]
            if (not form.is_family and before == rest and all(map(is_plain, before))) or any(
                loosely_like(other, part) for other in rest for part in other_side(form)
            ):
                return True
    return False


def is_plain(key: str) -> bool:
    """Tell whether a word is ordinary and no name; capitalised before a name, it may be used like a title."""
    return key in WORDS and key not in WORD_NAMES and key not in NICKNAMES


def other_side(form: Form) -> tuple[str, ...]:
    """Return the other side of a name: the family names for a given name, and the reverse."""
    return form.name.given if form.is_family else form.name.family


def is_before_name(reading: Reading, at: int) -> bool:
    """Tell whether a capitalised word follows: in "Alan Porter" Porter is a name, in "Porter Alan" it is a title."""
    return at + 1 < len(reading) and reading.breaks[at] == JOINED and bool(reading.cases[at + 1])


def _names_somebody(reading: Reading, at: int) -> bool:
    key = reading.keys[at]
    if (key in TITLES and is_before_name(reading, at)) or key in GREETINGS or len(key) < SHORTEST:
        return False
    return not (reading.opens(at) and key in WORDS and key not in NICKNAMES)
