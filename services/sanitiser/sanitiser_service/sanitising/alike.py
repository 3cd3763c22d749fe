"""Other names that sound or look like a protected one: "Margaret" where the source is Margret.

A name on a list is a name of its own, and yet how somebody else spells the source's. Nobody can tell which without
looking, so these are pointed at and never replaced; a misspelling that is on no list is a proposal (`names.py`).
"""

from collections.abc import Iterator

from sanitiser_service.sanitising.findings import Match
from sanitiser_service.sanitising.lexicons import GREETINGS, NICKNAMES, SURNAMES, TITLES, WORD_NAMES, WORDS, word_set
from sanitiser_service.sanitising.persons import Protection
from sanitiser_service.sanitising.reading import LOWER, Reading
from sanitiser_service.sanitising.sounds import may_be_heard_as

SHORTEST = 3
_BEFORE_WORDS = word_set("names_before_words")


def alike_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Return where a name stands that may be source's or submitter's in another spelling."""
    if not protection.parts:
        return
    for key in reading.present - protection.known.keys() - TITLES - GREETINGS:
        if len(key) < SHORTEST or not key.isalpha() or (key in WORDS and not _may_be_name(reading, key)):
            continue
        stem = key.removesuffix("s")
        for name, part in protection.parts:
            if may_be_heard_as(key, part) or (stem not in (key, part) and may_be_heard_as(stem, part)):
                places = (at for at in reading.places[key] if key not in WORDS or _is_name_at(reading, at))
                yield from (Match(*reading.original(at, at), name.who, "name.similar") for at in places)
                break


def _may_be_name(reading: Reading, key: str) -> bool:
    return any(_is_name_at(reading, at) for at in reading.places[key])


def _is_name_at(reading: Reading, at: int) -> bool:
    """Tell whether an ordinary word stands as a name: in capitals, and where it opens a sentence one of a list."""
    if not reading.cased or reading.cases[at] == LOWER:
        return False
    key = reading.keys[at]
    return not reading.opens(at) or key in NICKNAMES or key in SURNAMES or key in WORD_NAMES
