"""A text read once: its words with their places and case, and where clauses and sentences end.

Every matcher looks at these lists instead of at the text, so that the time for a text grows with its length and with
nothing else. Places are offsets of the folded text until `original` leads them back.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sanitiser_service.sanitising.lexicons import word_set
from sanitiser_service.sanitising.normalising import Folded, fold

LOWER, CAPITALISED, CAPITALS = 0, 1, 2
JOINED, CLAUSE, SENTENCE, LINE = 0, 1, 2, 3

_WORD = re.compile(r"([^\W_]+(?:'[^\W_]+)*)((?:[\W_])*)")
_NOT_AFTER = word_set("reading_not_after")
MOSTLY = 0.5


@dataclass(slots=True)
class Reading:
    """A text's words: parallel lists, so that reading costs little."""

    text: str
    folded: Folded
    keys: list[str]
    starts: list[int]
    ends: list[int]
    cases: list[int]
    gaps: list[str]
    breaks: list[int]
    cased: bool = True
    present: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def original_starts(self) -> list[int]:
        """Return where each word begins in the original."""
        offsets = self.folded.offsets
        return self.starts if offsets is None else [offsets[start] for start in self.starts]

    def original(self, first: int, last: int) -> tuple[int, int]:
        """Return where the words from `first` to `last` stand in the original."""
        return self.folded.original(self.starts[first], self.ends[last])

    def opens(self, at: int) -> bool:
        """Tell whether a word opens a sentence or line."""
        return at == 0 or self.breaks[at - 1] >= SENTENCE

    def closes(self, at: int) -> bool:
        """Tell whether a word closes a sentence or line."""
        return at + 1 >= len(self.keys) or self.breaks[at] >= SENTENCE


def read(text: str) -> Reading:
    """Read a text."""
    folded = fold(text)
    raw_keys, gaps, starts, ends = _words(folded.text)
    cases = _cases(text, folded, starts, ends)
    keys = [key if "'" not in key else _plain(key) for key in raw_keys]
    breaks = [JOINED if gap in {" ", "-"} else _break_in(gap) for gap in gaps]
    _mend_abbreviations(keys, breaks)
    capitals = sum(1 for case in cases if case == CAPITALS)
    cased = any(cases) and capitals < MOSTLY * len(cases)
    return Reading(text, folded, keys, starts, ends, cases, gaps, breaks, cased, frozenset(keys))


def _words(folded: str) -> tuple[list[str], list[str], list[int], list[int]]:
    found = _WORD.findall(folded)
    keys = [key for key, _ in found]
    gaps = [gap for _, gap in found]
    starts: list[int] = []
    ends: list[int] = []
    at = len(folded) - sum(map(len, keys)) - sum(map(len, gaps))
    for key, gap in found:
        starts.append(at)
        at += len(key)
        ends.append(at)
        at += len(gap)
    return keys, gaps, starts, ends


def _cases(text: str, folded: Folded, starts: list[int], ends: list[int]) -> list[int]:
    if folded.offsets is None and len(folded.text) == len(text):
        raw = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    else:
        raw = [text[slice(*folded.original(start, end))] for start, end in zip(starts, ends, strict=True)]
    return [_case_of(word) if word[:1].isupper() else LOWER for word in raw]


def _case_of(word: str) -> int:
    return CAPITALS if len(word) > 1 and word.removesuffix("'s").removesuffix("\u2019s").isupper() else CAPITALISED


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    """Return a word without its possessive and apostrophes, unless it is a shortened pronoun or verb."""
    head, _, tail = key.rpartition("'")
    if tail in {"t", "m", "re", "ve", "d", "ll"}:
        return key
    if tail == "s" and head not in {"he", "she", "it", "that", "there", "who", "what", "let", "here"}:
        return head.replace("'", "")
    return key if tail == "s" else key.replace("'", "")


@lru_cache(maxsize=4096)
def _break_in(gap: str) -> int:
    """Return what a gap between words ends."""
    if "\n" in gap or "\r" in gap:
        return LINE
    if any(mark in gap for mark in ".!?\u2026") and (gap[-1] != "." or len(gap) > 1):
        return SENTENCE
    return CLAUSE if gap.strip(" '&/@#_.") and gap != "-" else JOINED


def _mend_abbreviations(keys: list[str], breaks: list[int]) -> None:
    """Take back the sentence ends after initials and titles: "Mr. Smith", "P. Clarke"."""
    for at, found in enumerate(breaks):
        if found == SENTENCE and (len(keys[at]) == 1 or keys[at] in _NOT_AFTER) and not keys[at].isdigit():
            breaks[at] = JOINED
