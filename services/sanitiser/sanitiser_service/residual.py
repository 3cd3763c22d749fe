"""The check that blocks: no protected value may be left in what goes onward (D-S3).

It shares no matching code with `sanitising/`, only the list of ordinary words, so that one mistake cannot hide in
both. It looks at every text, subjects' names included: a subject who shares the source's name is for a person to judge.
It knows no nicknames, sounds or cues.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from pydantic import BaseModel

from sanitiser_service.fields import texts_of
from sanitiser_service.profile import Protected, Token
from sanitiser_service.sanitising.lexicons import WORDS

# A shorter value stands inside too many words that mean something else; it counts as a word of its own.
LONG_ENOUGH_TO_HIDE = 5
ENOUGH_DIGITS = 6

_TOKENS = re.compile("|".join(re.escape(token) for token in Token))
_NOT_LETTERS = re.compile(r"[\W_]+")
_ENDING = re.compile(r"(?:['\u2019]s)\b")
_LOOK_ALIKES = str.maketrans("аеорсухіјѕłıøđ", "aeopcyxijsliod")
_SPELLED_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_REPEATED = {"double": 2, "treble": 3, "triple": 3}
_SPELLED_SIGNS = frozenset({"at", "dot"})


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A protected value that is still there: where, by which rule, and the value itself for the source desk's eyes."""

    path: str
    rule: str
    value: str
    identifying: bool = True

    @property
    def code(self) -> str:
        """Return what may be stored and logged of it."""
        return f"left_over:{self.rule}:{self.path}"


def left_over(content: BaseModel, protected: tuple[Protected, ...]) -> tuple[LeftOver, ...]:
    """Return every protected value that is left, by path; empty means that the content may go onward."""
    wanted = [_Wanted.of(item) for item in protected]
    return tuple(
        LeftOver(path, one.item.rule, one.item.value, one.item.identifying)
        for path, text in texts_of(content).items()
        for seen in (_Seen.of(text),)
        for one in wanted
        if seen.holds(one)
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A protected value as the check looks for it."""

    item: Protected
    words: str
    together: str
    digits: str

    @classmethod
    def of(cls, item: Protected) -> "_Wanted":
        words = _NOT_LETTERS.sub(" ", _plain(item.value)).strip()
        digits = _home_digits(item.value) if item.rule.endswith("phone") else ""
        return cls(item, words, words.replace(" ", ""), digits)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One text as the check sees it: its words, all of it run together, and its digits, spelled ones included."""

    words: str
    together: "_RunTogether"
    without_signs: "_RunTogether"
    digits: str

    @classmethod
    def of(cls, text: str) -> "_Seen":
        words = _NOT_LETTERS.sub(" ", _ENDING.sub("", _plain(_TOKENS.sub(" ", text)))).strip()
        each = words.split(" ")
        without_signs = [word for word in each if word not in _SPELLED_SIGNS]
        return cls(f" {words} ", _RunTogether.of(each), _RunTogether.of(without_signs), "".join(_digits_of(each)))

    def holds(self, wanted: _Wanted) -> bool:
        if wanted.digits:
            return wanted.digits in self.digits or wanted.together in self.together.letters
        if wanted.item.identifying and len(wanted.together) >= LONG_ENOUGH_TO_HIDE:
            return self.together.hides(wanted.together) or self.without_signs.hides(wanted.together)
        return f" {wanted.words} " in self.words or f" {wanted.words}s " in self.words


@dataclass(frozen=True, slots=True)
class _RunTogether:
    """Words without what parts them, and where each begins."""

    letters: str
    words: list[str]

    @classmethod
    def of(cls, words: list[str]) -> "_RunTogether":
        return cls("".join(words), words)

    def hides(self, value: str) -> bool:
        """Tell whether a value stands here, but for ordinary words that have its letters: Singh in "using his"."""
        at = self.letters.find(value)
        if at < 0:
            return False
        starts = list(accumulate(map(len, self.words), initial=0))
        while at >= 0:
            end = at + len(value)
            first, last = bisect_right(starts, at) - 1, bisect_left(starts, end) - 1
            is_aligned = starts[first] == at and starts[last + 1] == end
            if is_aligned or not {self.words[first], self.words[last]} <= WORDS:
                return True
            at = self.letters.find(value, at + 1)
        return False


def _plain(text: str) -> str:
    """Return a text without accents, invisible characters and letters that only look like Latin ones."""
    parts = unicodedata.normalize("NFKD", text.replace("\u0131", "i")).casefold()
    kept = "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Cf", "Me"})
    return kept.translate(_LOOK_ALIKES)


def _home_digits(value: str) -> str:
    """Return the end of a number that stays the same however it is dialled."""
    digits = "".join(filter(str.isdecimal, value))
    return digits[-9:] if len(digits) >= ENOUGH_DIGITS else ""


def _digits_of(words: list[str]) -> Iterator[str]:
    """Return the digits of words, a space where other words part them."""
    times = 1
    for word in words:
        if word in _REPEATED:
            times = _REPEATED[word]
            continue
        digit = word if word.isdecimal() else _SPELLED_DIGITS.get(word, " ")
        yield digit[:1] * (times - 1) + digit
        times = 1
