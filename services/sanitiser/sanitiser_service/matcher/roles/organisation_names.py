"""The forms of an organisation's name that a text may use: words, initials, joined letters and descriptions."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline_shared.text.lexicon import entries_of
from sanitiser_service.form.common_words import lines_of
from sanitiser_service.form.profile import ORGANISATION_WORDS
from sanitiser_service.matcher.findings import Who
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.normalising import fold

SHORTEST, LONGEST_JOINED = 2, 20
SMALL = word_set("organisations_small")
_SIGNS = re.compile(r"[\W_]+")
_MARKS = re.compile("[\u2122\u00ae\u00a9\u2120]")
_SAINTS = ("st", "saint")
_SIGN_INSIDE = re.compile(r"\w[^\w\s]+\w")
_LEGAL = frozenset({"and", "co", "group", "inc", "limited", "llp", "ltd", "plc", "stores", "uk", "&"})
_OF_PLACES = word_set("organisations_of_places")


class Organisation(NamedTuple):
    """The forms of an organisation's name that a text may use."""

    who: Who
    words: tuple[str, ...]
    distinctive: frozenset[str]
    initials: frozenset[str]
    letters: str
    joined: frozenset[str]
    begins: frozenset[str]
    described: tuple[tuple[str, ...], ...]

    @property
    def is_of_a_place(self) -> bool:
        """Tell whether its name is also the name of a place that a text may mean instead."""
        return bool(_OF_PLACES & set(self.words))


def _kinds() -> tuple[tuple[frozenset[str], tuple[tuple[str, ...], ...]], ...]:
    kinds: list[tuple[frozenset[str], tuple[tuple[str, ...], ...]]] = []
    for line in lines_of("organisations.txt"):
        names, _, described = line.partition(":")
        kinds.append(
            (frozenset(names.split()), tuple(tuple(entry.replace("'", "").split()) for entry in entries_of(described)))
        )
    return tuple(kinds)


_KINDS = _kinds()
_KIND_WORDS = frozenset(word for names, _ in _KINDS for word in names)


@lru_cache(maxsize=512)
def organisation_of(who: Who, value: str) -> Organisation:
    """Return the forms of an organisation's name."""
    plain = fold(_MARKS.sub("", value)).text
    words = tuple(_SIGNS.sub(" ", plain.replace("'s", "").replace("'", "")).split())
    generic = ORGANISATION_WORDS | _KIND_WORDS | SMALL
    distinctive = frozenset(word for word in words if word not in generic and len(word) > SHORTEST) | _saints(words)
    heads = "".join(word[0] for word in words if word)
    large = "".join(word[0] for word in words if word and word not in SMALL)
    initials = frozenset(form for form in (heads, large) if len(form) >= SHORTEST)
    plural = {word.rstrip("s") for word in words} | set(words)
    described = {entry for names, forms in _KINDS if names & plural for entry in forms}
    own = {words[-2:], words[-1:]} if len(words) > 1 and words[-1] not in distinctive else set[tuple[str, ...]]()
    joined = _joined_forms(plain) | _joined_forms(plain.replace("@", "at"))
    begins = frozenset(form[:end] for form in joined | initials for end in range(1, len(form) + 1))
    return Organisation(
        who, words, distinctive, initials, "".join(words), joined, begins, tuple(sorted(described | own))
    )


def _joined_forms(value: str) -> frozenset[str]:
    """Return the letters of a name, and of each word in it that contains signs: "Co-op", "E.ON", "M&S"."""
    name = re.sub(r"\b(\w)\s*(?:&|\+|\band\b|\bn\b)\s*(\w)\b", r"\1&\2", value.removeprefix("the "))
    words = [word for word in name.split() if word.strip("(),.") not in _LEGAL]
    signed = {_letters_of(word) for word in words if _SIGN_INSIDE.search(word) and not word.endswith("'s")}
    whole = _letters_of("".join(words))
    forms = signed | {whole}
    return frozenset(form for form in forms if SHORTEST <= len(form) <= LONGEST_JOINED)


def _saints(words: tuple[str, ...]) -> frozenset[str]:
    """Return a saint's name joined with "st" and with "saint"."""
    names = [name for saint, name in pairwise(words) if saint in _SAINTS and len(name) > SHORTEST]
    return frozenset(f"{saint}{name}" for name in names for saint in _SAINTS)


def _letters_of(word: str) -> str:
    """Return only the letters and digits of a word."""
    return "".join(filter(str.isalnum, word))
