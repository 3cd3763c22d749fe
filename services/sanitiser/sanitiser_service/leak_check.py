"""The leak check: blocks content in which a protected value is left (D-S3).

It shares no matching code with `matcher/`, only the lists of ordinary words and titles, so that one mistake cannot hide
in both. It searches every text, including the names of subjects: if a subject has the name of the source, a person must
decide. A part of a name that is also an ordinary word blocks only with a capital inside a sentence. The check does not
know nicknames, names that sound alike or indirect identifiers.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from pydantic import BaseModel

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.fields import texts_of
from sanitiser_service.form.profile import Protected, Token
from sanitiser_service.form.titles import TITLES
from sanitiser_service.leak_check_reading import (
    digits_of,
    home_digits,
    houses_of,
    phrases_of,
    stands_at,
    views_of,
    words_of,
)

# A shorter value is part of many unrelated words, so it counts only as a whole word.
LONG_ENOUGH_TO_HIDE = 5
LONG_ENOUGH_TO_JOIN = 3

_TOKENS = re.compile("|".join(re.escape(token) for token in Token))
_SPELLED_SIGNS = frozenset({"at", "dot"})
_AND = re.compile(r"\band\b|&")
_CAPITALISED = re.compile(r"(?<=[^\s.!?:\u2026] )[\"'(\u2018\u201c]*([^\W\d_]\w+)")


@dataclass(frozen=True, slots=True)
class Leak:
    """A protected value that is still in the content, with path and rule; only the source desk sees the value."""

    path: str
    rule: str
    value: str
    identifying: bool = True

    @property
    def code(self) -> str:
        """Return a code for storing and logging that does not contain the value."""
        return f"left_over:{self.rule}:{self.path}"


def find_leaks(content: BaseModel, protected: tuple[Protected, ...], *, unseen: bool = False) -> tuple[Leak, ...]:
    """Return every protected value that is left, with its path; content may be published only if there is none.

    `unseen` means that no person reads the content first. Then an ordinary word that is part of a name also counts in
    small letters.
    """
    wanted = [one._replace(ordinary=False) if unseen else one for one in map(_Wanted.of, protected)]
    return tuple(
        Leak(path, one.item.rule, one.item.value, one.item.identifying)
        for path, text in texts_of(content).items()
        for views in ([_Seen.of(view) for view in views_of(text)],)
        for one in wanted
        if any(seen.holds(one) for seen in views)
    )


class _Wanted(NamedTuple):
    """A protected value prepared for the search; `ordinary` marks a part of a name that is also a word or a title."""

    item: Protected
    words: tuple[str, ...]
    together: tuple[str, ...]
    digits: str
    houses: tuple[tuple[str, str], ...]
    ordinary: bool

    @classmethod
    def of(cls, item: Protected) -> "_Wanted":
        values = views_of(item.value)
        if item.token is Token.AGENCY:
            values = (*values, *(one.replace("&", " and ") for one in values), *(_AND.sub(" ", one) for one in values))
        words = dict.fromkeys(map(words_of, values))
        addresses = values if item.rule == "source.address" else ()
        return cls(
            item,
            (*filter(None, words), *(house for one in addresses for house in phrases_of(one))),
            tuple(one.replace(" ", "") for one in words),
            home_digits(values[-1]) if item.rule.endswith("phone") else "",
            tuple(house for one in addresses for house in houses_of(one)),
            item.rule.endswith("name.part") and all(word in WORDS or word in TITLES for word in words),
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """One text prepared for the search: its words, the words joined without spaces, and its digits."""

    words: str
    together: "_RunTogether"
    without_signs: "_RunTogether"
    digits: str
    capitalised: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Seen":
        text = _TOKENS.sub(" ", text)
        words = words_of(text)
        each = words.split(" ")
        without_signs = [word for word in each if word not in _SPELLED_SIGNS]
        capitalised = {words_of(word) for word in _CAPITALISED.findall(text) if word[0].isupper()}
        return cls(
            f" {words} ",
            _RunTogether.of(each),
            _RunTogether.of(without_signs),
            "".join(digits_of(each)),
            frozenset(capitalised),
        )

    def holds(self, wanted: _Wanted) -> bool:
        if wanted.ordinary:
            return not self.capitalised.isdisjoint((*wanted.words, *(f"{word}s" for word in wanted.words)))
        if wanted.digits:
            return wanted.digits in self.digits or wanted.together[0] in self.together.letters
        if any(f" {words} " in self.words or f" {words}s " in self.words for words in wanted.words):
            return True
        if any(stands_at(self.together.words, *house) for house in wanted.houses):
            return True
        return wanted.item.identifying and any(self._hides(wanted, letters) for letters in wanted.together)

    def _hides(self, wanted: _Wanted, letters: str) -> bool:
        if len(letters) >= LONG_ENOUGH_TO_HIDE:
            return self.together.hides(letters) or self.without_signs.hides(letters)
        is_whole = wanted.item.token is Token.AGENCY and not wanted.item.rule.endswith(".part")
        return is_whole and len(letters) >= LONG_ENOUGH_TO_JOIN and self.together.hides(letters, aligned=True)


@dataclass(frozen=True, slots=True)
class _RunTogether:
    """Words joined without spaces, and the words themselves to tell where each begins."""

    letters: str
    words: list[str]

    @classmethod
    def of(cls, words: list[str]) -> "_RunTogether":
        return cls("".join(words), words)

    def hides(self, value: str, *, aligned: bool = False) -> bool:
        """Tell whether the letters contain a value outside ordinary words; Singh in "using his" does not count."""
        at = self.letters.find(value)
        if at < 0:
            return False
        starts = list(accumulate(map(len, self.words), initial=0))
        while at >= 0:
            end = at + len(value)
            first, last = bisect_right(starts, at) - 1, bisect_left(starts, end) - 1
            is_aligned = starts[first] == at and starts[last + 1] == end
            if is_aligned or not (aligned or {self.words[first], self.words[last]} <= WORDS):
                return True
            at = self.letters.find(value, at + 1)
        return False
