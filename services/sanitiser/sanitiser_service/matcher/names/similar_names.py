"""Finds other names that sound or look like a protected one: "Margaret" if the source is Margret.

A name on a list may belong to another person or be a misspelling of the source's name. Only a reader can tell, so such
names are flagged and never replaced. A misspelling that is on no list is proposed (`names.py`).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import BARE_TITLES, TITLES
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.bystanders import is_before_name
from sanitiser_service.matcher.names.lost_letters import lost_in
from sanitiser_service.matcher.names.phonetic_keys import heads_heard, heads_of_slips, may_be_slip, sounds_like
from sanitiser_service.matcher.names.sounds import may_be_heard_as
from sanitiser_service.matcher.protection import Name, Protection
from sanitiser_service.matcher.text.letters import heads_like
from sanitiser_service.matcher.text.lexicons import COGNATES, GREETINGS, NICKNAMES, SURNAMES, WORD_NAMES
from sanitiser_service.matcher.text.reading import LOWER, Reading

SHORTEST = 3


def alike_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of names that may be another spelling of the source's or the submitter's name."""
    if not protection.parts:
        return
    yield from lost_in(reading, protection)
    parts = [(name, part, heads_of(part)) for name, part in protection.parts]
    heads = frozenset().union(*(begins for _, _, begins in parts))
    capitals = {reading.keys[at] for at in reading.with_capital}
    for key in (reading.present - WORDS) | (capitals & WORDS):
        if key[0] not in heads or len(key) < SHORTEST or key in protection.known or not key.isalpha():
            continue
        if (name := _name_like(key, parts)) is None or key in BARE_TITLES or key in GREETINGS:
            continue
        for at in reading.places[key]:
            if (key not in WORDS and key not in TITLES) or _is_name_at(reading, at):
                yield Match(*reading.original(at, at), name.who, "name.similar")


def _name_like(key: str, parts: Sequence[tuple[Name, str, frozenset[str]]]) -> Name | None:
    """Return the protected name that a word resembles, with or without an "s" at its end."""
    forms = (key, key[:-1]) if key[-1] == "s" and len(key) > SHORTEST else (key,)
    head = key[0]
    for name, part, begins in parts:
        if head in begins and any(form != part and _is_like(form, part) for form in forms):
            return name
    return None


@lru_cache(maxsize=16384)
def _is_like(key: str, part: str) -> bool:
    if part in COGNATES.get(key, ()):
        return True
    if abs(len(key) - len(part)) > SHORTEST or len(part) < SHORTEST:
        return False
    is_listed = key in WORDS or key in NICKNAMES or key in SURNAMES  # a listed word is not a typing error
    return may_be_heard_as(key, part) or sounds_like(key, part) or (not is_listed and may_be_slip(key, part))


@lru_cache(maxsize=2048)
def heads_of(part: str) -> frozenset[str]:
    """Return the first letters of possible misspellings of a name: they rule out most words quickly."""
    cognates = {form[0] for form in COGNATES.get(part, ())}
    return frozenset({*heads_like(part[0]), *heads_of_slips(part), *heads_heard(part), *cognates})


def _is_name_at(reading: Reading, at: int) -> bool:
    """Tell whether an ordinary word is used as a name: capitalised, and if it opens a sentence a listed name, too."""
    if not reading.cased or reading.cases[at] == LOWER:
        return False
    key = reading.keys[at]
    if key in TITLES and is_before_name(reading, at):
        return False
    return not reading.opens(at) or key in NICKNAMES or key in SURNAMES or key in WORD_NAMES
