"""The check that blocks: no protected value may be left in what goes onward (D-S3).

It shares no matching code with `sanitising.py`, so that one mistake cannot hide in both. It looks at every text,
subjects' names included: a subject who shares the source's name is for a person to judge.
"""

import re
import unicodedata
from dataclasses import dataclass

from pydantic import BaseModel

from sanitiser_service.fields import texts_of
from sanitiser_service.profile import Protected, Token

# A shorter value stands inside too many words that mean something else; it counts as a word of its own.
LONG_ENOUGH_TO_HIDE = 5

_TOKENS = re.compile("|".join(re.escape(token) for token in Token))
_NOT_LETTERS = re.compile(r"[\W_]+")
_ENDING = re.compile(r"(?:['\u2019]s)\b")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A protected value that is still there: where, by which rule, and the value itself for the source desk's eyes."""

    path: str
    rule: str
    value: str

    @property
    def code(self) -> str:
        """Return what may be stored and logged of it."""
        return f"left_over:{self.rule}:{self.path}"


def left_over(content: BaseModel, protected: tuple[Protected, ...]) -> tuple[LeftOver, ...]:
    """Return every protected value that is left, by path; empty means that the content may go onward."""
    return tuple(
        LeftOver(path, item.rule, item.value)
        for path, text in texts_of(content).items()
        for seen in (_Seen.of(text),)
        for item in protected
        if seen.holds(item)
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """One text as the check sees it: its words, and all of it run together."""

    words: str
    together: str

    @classmethod
    def of(cls, text: str) -> "_Seen":
        plain = unicodedata.normalize("NFKC", _TOKENS.sub(" ", text)).casefold()
        words = _NOT_LETTERS.sub(" ", _ENDING.sub("", plain))
        return cls(f" {words.strip()} ", words.replace(" ", ""))

    def holds(self, item: Protected) -> bool:
        wanted = _NOT_LETTERS.sub(" ", unicodedata.normalize("NFKC", item.value).casefold()).strip()
        squeezed = wanted.replace(" ", "")
        if item.identifying and len(squeezed) >= LONG_ENOUGH_TO_HIDE:
            return squeezed in self.together
        return f" {wanted} " in self.words or f" {wanted}s " in self.words
