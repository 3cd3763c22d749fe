"""Other names that sound or look like a protected one: "Margaret" where the source is Margret.

A name on a list is a name of its own, and yet how somebody else spells the source's. Nobody can tell which without
looking, so these are pointed at and never replaced; a misspelling that is on no list is a proposal (`names.py`).
"""

from collections.abc import Iterator

from sanitiser_service.common_words import BARE_TITLES
from sanitiser_service.sanitising.findings import Match
from sanitiser_service.sanitising.lexicons import GREETINGS, NICKNAMES, SURNAMES, TITLES, WORD_NAMES, WORDS
from sanitiser_service.sanitising.lost import lost_in
from sanitiser_service.sanitising.others import is_before_name
from sanitiser_service.sanitising.persons import Name, Protection
from sanitiser_service.sanitising.reading import LOWER, Reading
from sanitiser_service.sanitising.sounds import OPEN_SOUNDS, may_be_heard_as

SHORTEST = 3


def alike_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Return where a name stands that may be source's or submitter's in another spelling."""
    if not protection.parts:
        return
    yield from lost_in(reading, protection)
    heads = protection.heads | OPEN_SOUNDS
    capitals = {reading.keys[at] for at in reading.with_capital}
    for key in (reading.present - WORDS) | (capitals & WORDS):
        if key[0] not in heads or len(key) < SHORTEST or key in protection.known or not key.isalpha():
            continue
        if (name := _name_like(key, protection)) is None or key in BARE_TITLES or key in GREETINGS:
            continue
        for at in reading.places[key]:
            if (key not in WORDS and key not in TITLES) or _is_name_at(reading, at):
                yield Match(*reading.original(at, at), name.who, "name.similar")


def _name_like(key: str, protection: Protection) -> Name | None:
    """Return whose name a word is like, with the s of an owner or of several or without."""
    stem = key.removesuffix("s")
    for name, part in protection.parts:
        if may_be_heard_as(key, part) or (stem not in (key, part) and may_be_heard_as(stem, part)):
            return name
    return None


def _is_name_at(reading: Reading, at: int) -> bool:
    """Tell whether an ordinary word stands as a name: in capitals, and where it opens a sentence one of a list."""
    if not reading.cased or reading.cases[at] == LOWER:
        return False
    key = reading.keys[at]
    if key in TITLES and is_before_name(reading, at):
        return False
    return not reading.opens(at) or key in NICKNAMES or key in SURNAMES or key in WORD_NAMES
