"""Finds the organisations of the source, the submitter and the agency: by name, part, initials or as "the surgery".

Subjects belong to schools and homes, too. If the text says so ("attends", "outside", "both at"), the name is only
flagged, and a person decides.
"""

from collections.abc import Iterator

from pipeline_shared.text.tokens import JOINED, SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.roles.organisation_names import SHORTEST, SMALL, Organisation, organisation_of
from sanitiser_service.matcher.text.lexicons import ABBREVIATIONS, word_set
from sanitiser_service.matcher.text.reading import CAPITALS, LOWER, Reading

LONGEST, MOST_JOINED = 6, 8
LONGEST_UNSURE = 3  # as short as "m&s": may mean something else
_ANDS = frozenset({"and", "n"})
_SUBJECTS_THERE = word_set("organisations_subjects_there")
_ELSEWHERE = word_set("organisations_elsewhere")
_POINTERS = word_set("organisations_pointers")


def organisations_in(reading: Reading, protection: Protection, bystanders: Bystanders) -> Iterator[Match]:
    """Yield the places of the organisations, in any form."""
    for who, value in protection.organisations:
        organisation = organisation_of(who, value)
        yield from _named(reading, organisation, bystanders)
        yield from _abbreviated(reading, organisation)
        yield from _described(reading, organisation)
        yield from _joined(reading, organisation)


def _joined(reading: Reading, organisation: Organisation) -> Iterator[Match]:
    """Yield the places of a name's letters or initials, with other signs or none: "Coop", "E ON", "M and S"."""
    forms = organisation.joined | organisation.initials
    for at in reading.places_of(organisation.begins):
        last, seen, limit = at, reading.keys[at], min(len(reading), at + MOST_JOINED)
        while seen not in forms and last + 1 < limit and reading.breaks[last] < SENTENCE:
            last += 1
            seen += "" if reading.keys[last] in _ANDS else reading.keys[last]
        if seen in organisation.joined and (last > at or _is_joined_name(reading, at, organisation)):
            yield Match(*reading.original(at, last), organisation.who, _kind_of_joined(reading, at, seen))
        elif seen in organisation.initials and _are_signed_initials(reading, at, last):
            yield Match(*reading.original(at, last), organisation.who, "organisation.described")


def _kind_of_joined(reading: Reading, at: int, seen: str) -> str:
    if set(reading.keys[max(0, at - 3) : at]) & _SUBJECTS_THERE:
        return "organisation.shared"
    is_sure = len(seen) > LONGEST_UNSURE and seen not in WORDS and bool(reading.cases[at])
    return "organisation.part" if is_sure else "organisation.described"


def _are_signed_initials(reading: Reading, first: int, last: int) -> bool:
    """Tell whether words are single capitals with a sign between them: "M&S", "O.G."."""
    words = range(first, last + 1)
    is_signed = any(reading.gaps[at] != " " or reading.keys[at] in _ANDS for at in range(first, last))
    capitals = all(len(reading.keys[at]) == 1 and reading.cases[at] for at in words if reading.keys[at] not in _ANDS)
    return last > first and is_signed and capitals


def _is_joined_name(reading: Reading, at: int, organisation: Organisation) -> bool:
    """Tell whether one word is a name's joined letters; two letters count only in capitals, as they may be a word."""
    seen = reading.keys[at]
    if seen in WORDS and organisation.words == (seen,):
        return False
    return len(seen) > SHORTEST or seen[-1].isdigit() or reading.cases[at] == CAPITALS


def _named(reading: Reading, organisation: Organisation, bystanders: Bystanders) -> Iterator[Match]:
    past, size = -1, len(reading)
    for at in reading.places_of(organisation.distinctive):
        if at <= past:
            continue
        first = last = at
        while last + 1 < size and reading.breaks[last] == JOINED and reading.keys[last + 1] in organisation.words:
            last += 1
        while (
            first
            and reading.breaks[first - 1] == JOINED
            and reading.keys[first - 1] in organisation.words
            and reading.keys[first - 1] not in SMALL
        ):
            first -= 1
        if kind := _kind_of(reading, organisation, first, last, bystanders):
            yield Match(*reading.original(first, last), organisation.who, kind)
        past = last


def _kind_of(reading: Reading, organisation: Organisation, first: int, last: int, bystanders: Bystanders) -> str:
    """Return the kind of finding for a part of a name; empty for an ordinary word in small letters."""
    seen = reading.keys[first : last + 1]
    whole = len(seen) >= len([word for word in organisation.words if word not in SMALL])
    if set(reading.keys[max(0, first - 3) : first]) & _SUBJECTS_THERE:
        return "organisation.shared"
    if whole:
        return "organisation"
    if seen[0] in bystanders.keys or _is_of_another_name(reading, last) or organisation.is_of_a_place:
        return "organisation.shared"
    if reading.cases[first] == LOWER and reading.cases[last] == LOWER and all(word in WORDS for word in seen):
        return ""
    return "organisation.part"


def _is_of_another_name(reading: Reading, at: int) -> bool:
    """Tell whether the next word makes a word part of another name: "Holbeck police station"."""
    if at + 1 >= len(reading) or reading.gaps[at] != " ":
        return False
    return bool(reading.cases[at + 1] and reading.cased) or reading.keys[at + 1] in _ELSEWHERE


def _abbreviated(reading: Reading, organisation: Organisation) -> Iterator[Match]:
    past = -1
    for at in reading.with_capital:
        key = reading.keys[at]
        if at <= past or reading.cases[at] != CAPITALS or not SHORTEST <= len(key) <= LONGEST:
            continue
        if any(form.startswith(key) for form in organisation.initials):
            past = _reference_end(reading, at)
            yield _initials(reading, organisation, at, past)
        elif key not in WORDS and key not in ABBREVIATIONS and _shortens(key, organisation):
            yield Match(*reading.original(at, at), organisation.who, "organisation.described")


def _reference_end(reading: Reading, at: int) -> int:
    """Return the last word of a reference that begins with initials ("OG/317")."""
    last = at
    while (
        last + 1 < len(reading)
        and reading.gaps[last] in {"/", "-"}
        and (reading.keys[last + 1].isdigit() or reading.cases[last + 1])
    ):
        last += 1
    return last


def _initials(reading: Reading, organisation: Organisation, at: int, last: int) -> Match:
    """Return the match of initials, including a reference that they begin."""
    kind = "reference" if last > at else "organisation.initials"
    if last == at and reading.keys[at] not in organisation.initials:
        kind = "organisation.described"
    if last == at and (reading.keys[at] in ABBREVIATIONS or not reading.cased):
        kind = "organisation.described"
    return Match(*reading.original(at, last), organisation.who, kind)


def _shortens(key: str, organisation: Organisation) -> bool:
    """Tell whether capitals are letters of the name in their order: BWD for Brightwater Dental."""
    if len(key) <= SHORTEST or not organisation.letters.startswith(key[0]):
        return False
    letters = iter(organisation.letters)
    return all(letter in letters for letter in key)


def _described(reading: Reading, organisation: Organisation) -> Iterator[Match]:
    """Yield the places of a kind of organisation after "the", "our" or "a"."""
    for at in reading.places_of({entry[0] for entry in organisation.described if entry}):
        if at and reading.keys[at - 1] in _POINTERS:
            for entry in organisation.described:
                last = at + len(entry) - 1
                if tuple(reading.keys[at : last + 1]) == entry:
                    yield Match(*reading.original(at - 1, last), organisation.who, "organisation.described")
                    break
