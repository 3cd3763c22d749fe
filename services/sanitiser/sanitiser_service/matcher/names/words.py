"""Judges parts of names that are also ordinary words or titles: whether one is used as a name or as a word."""

from collections.abc import Iterator

from pipeline_shared.text.tokens import JOINED
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import BARE_TITLES, GIVEN_TITLES, TITLES
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.bystanders import is_before_name
from sanitiser_service.matcher.protection import Form, Protection
from sanitiser_service.matcher.text.lexicons import SURNAMES, WORD_NAMES, word_set
from sanitiser_service.matcher.text.reading import LOWER, Reading

_SPEAKS = word_set("names_speaks")
_SAYS = word_set("words_says")
_BEFORE_WORDS = word_set("names_before_words")
_NO_NAME_AFTER = _BEFORE_WORDS - {"by", "of"}
_BEFORE_PERSONS = word_set("words_before_persons")
_BEFORE_GIVEN = word_set("words_before_given")
_SELF = frozenset({"i", "i'm", "i've", "i'd", "i'll"})


def is_word(key: str) -> bool:
    """Tell whether a name is also an ordinary word."""
    return key in WORDS or key in WORD_NAMES or key in TITLES


def is_plain_word_at(reading: Reading, at: int, form: Form) -> bool:
    """Tell whether a part of a name is only a word here: in small letters, in a text that capitalises names.

    It may be a name in the place of a name, and in a text typed without care for capitals.
    """
    if not is_word(reading.keys[at]) or not reading.cased or reading.cases[at] != LOWER:
        return False
    return not (_is_careless(reading) or _stands_as_name(reading, at, is_family=form.is_family))


def _is_careless(reading: Reading) -> bool:
    """Tell whether a text omits capitals where everybody writes them: at the start of a sentence, in "I"."""
    keys, cases = reading.keys, reading.cases
    if any(cases[at] == LOWER for at in reading.places_of(_SELF)):
        return True
    return any(
        cases[at] == LOWER and keys[at].isalpha() and reading.opens(at)
        for at in (0, *(at for at, ends in enumerate(reading.breaks, 1) if ends and at < len(keys)))
    )


def _stands_as_name(reading: Reading, at: int, *, is_family: bool) -> bool:
    """Tell whether a word in small letters is in the place of a name: "told may", "with will", "mark's van"."""
    before = reading.keys[at - 1] if at and reading.breaks[at - 1] == JOINED else ""
    if before in _NO_NAME_AFTER:
        return False
    after = reading.keys[at + 1] if at + 1 < len(reading) and reading.breaks[at] == JOINED else ""
    is_owner = reading.folded.text.startswith("'s", reading.ends[at] - 2)
    is_given = before in _BEFORE_GIVEN and not is_family
    return is_owner or is_given or before in _BEFORE_PERSONS or before in BARE_TITLES or after in _SAYS


def kind_of_word(reading: Reading, at: int, form: Form) -> str:
    """Return the kind of finding for a name that is also a word: a name, perhaps a name, or (empty) only a word."""
    before, kind = reading.keys[at - 1] if at else "", form.kind
    if not reading.cased or reading.cases[at] == LOWER:
        may_be = before not in _BEFORE_WORDS or (
            reading.cased and _stands_as_name(reading, at, is_family=form.is_family)
        )
        return "name.word" if kind == "name.part" and may_be else ""
    if before in TITLES or (reading.opens(at) and reading.closes(at)):
        return kind
    if reading.opens(at):
        return kind if _speaks(reading, at) else "name.word"
    return "name.word" if before in _NO_NAME_AFTER else kind


def _speaks(reading: Reading, at: int) -> bool:
    if at + 1 >= len(reading):
        return False
    after = reading.keys[at + 1]
    return after in _SPEAKS or after.endswith("ed") or reading.folded.text.startswith("'s", reading.ends[at] - 2)


def titles_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of a title on the form used as a name: "with Canon", but not "Canon Khan"."""
    for name in protection.names:
        for title in name.titles:
            for at in reading.places_of((title, *SURNAMES.get(title, ()))):
                if _is_title_alone(reading, at, title) and _is_capital_name(reading, at):
                    yield Match(*reading.original(at, at), name.who, "name.word")


def _is_title_alone(reading: Reading, at: int, title: str) -> bool:
    """Tell whether no other name follows a title; one that is also a given name may have a family name after it."""
    return title in GIVEN_TITLES or not (reading.cased and is_before_name(reading, at))


def _is_capital_name(reading: Reading, at: int) -> bool:
    """Tell whether a title is used as a name: with a capital inside a sentence, or in the place of a name."""
    if not reading.cased or reading.cases[at] == LOWER:
        return _stands_as_name(reading, at, is_family=False)
    before = reading.keys[at - 1] if at else ""
    if reading.opens(at):
        return reading.closes(at) or _speaks(reading, at)
    return before not in _NO_NAME_AFTER
