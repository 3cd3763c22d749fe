"""Reads a text once: its words with their places and case, and the ends of clauses and sentences.

Every matcher uses these lists and not the text, so that the time grows only in proportion to the length of the text.
Places are offsets in the folded text; `original` converts them into offsets in the original.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from pipeline_shared.text.fold import Folded
from pipeline_shared.text.tokens import CLAUSE, JOINED, LINE, SENTENCE, breaks_of, tokens_of
from sanitiser_service.form.decoding import decoded
from sanitiser_service.form.titles import SHORTENED_TITLES
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.normalising import fold_meant

LOWER, CAPITALISED, CAPITALS = 0, 1, 2

_WORD = re.compile(r"([^\W_]+(?:'[^\W_]+)*)")
_NOT_AFTER = word_set("reading_not_after") | SHORTENED_TITLES
MOSTLY = 0.5


@dataclass(slots=True)
class Reading:
    """The words of a text in parallel lists, which are cheap to build, and an index of the places of each word.

    Most matchers look for few words: they ask `places_of` and do not go through the text. `unlettered` lists the words
    that contain other characters than letters, such as numbers.
    """

    text: str
    folded: Folded
    letters: str
    keys: list[str]
    starts: list[int]
    ends: list[int]
    original_starts: list[int]
    cases: list[int]
    gaps: list[str]
    breaks: list[int]
    places: dict[str, list[int]]
    present: frozenset[str]
    with_capital: list[int]
    unlettered: list[int]
    cased: bool

    def __len__(self) -> int:
        return len(self.keys)

    def places_of(self, words: Collection[str]) -> list[int]:
        """Return the places of any of these words, in order."""
        found = self.present.intersection(words)
        return sorted([at for key in found for at in self.places[key]]) if found else []

    def original(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets in the original of the words from `first` to `last`."""
        return self.folded.original(self.starts[first], self.ends[last])

    def opens(self, at: int) -> bool:
        """Tell whether a word opens a sentence or line."""
        return at == 0 or self.breaks[at - 1] >= SENTENCE

    def closes(self, at: int) -> bool:
        """Tell whether a word closes a sentence or line."""
        return at + 1 >= len(self.keys) or self.breaks[at] >= SENTENCE


def read(text: str) -> Reading:
    """Read a text."""
    meant, way = decoded(text)
    folded = fold_meant(meant)
    words, starts, ends, gaps = tokens_of(folded.text, _WORD)
    keys = [plain(word) if "'" in word else word for word in words]
    places = _places(keys)
    original_starts = folded.starts(starts)
    with_capital = list(compress(range(len(keys)), map(str.isupper, map(meant.__getitem__, original_starts))))
    cases = [LOWER] * len(keys)
    for at in with_capital:
        cases[at] = _case_of(meant[slice(*folded.original(starts[at], ends[at]))])
    return Reading(
        text=text,
        folded=folded.after(way),
        letters="".join(words).replace("'", ""),
        keys=keys,
        starts=starts,
        ends=ends,
        original_starts=original_starts if way is None else [way[start] for start in original_starts],
        cases=cases,
        gaps=gaps,
        breaks=_breaks(keys, gaps),
        places=places,
        present=frozenset(places),
        with_capital=with_capital,
        unlettered=sorted([at for key in places if not key.isalpha() for at in places[key]]),
        cased=bool(with_capital) and cases.count(CAPITALS) < MOSTLY * len(cases),
    )


def _places(keys: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        places[key].append(at)
    return places


def _case_of(word: str) -> int:
    if word[1:2].islower():
        return CAPITALISED
    return CAPITALS if len(word) > 1 and word.removesuffix("'s").removesuffix("\u2019s").isupper() else CAPITALISED


@lru_cache(maxsize=4096)
def plain(key: str) -> str:
    """Return a word without possessive ending and apostrophes, unless it is a shortened pronoun or verb."""
    head, _, tail = key.rpartition("'")
    if tail in {"t", "m", "re", "ve", "d", "ll"}:
        return key
    if tail == "s" and head not in {"he", "she", "it", "that", "there", "who", "what", "let", "here"}:
        return head.replace("'", "")
    return key if tail == "s" else key.replace("'", "")


@lru_cache(maxsize=4096)
def _break_in(gap: str) -> int:
    """Return the kind of break in the gap between two words."""
    if "\n" in gap or "\r" in gap:
        return LINE
    if any(mark in gap for mark in ".!?\u2026") and (gap[-1] != "." or len(gap) > 1):
        return SENTENCE
    return CLAUSE if gap.strip(" '&/@#_.") and gap != "-" else JOINED


def _breaks(keys: list[str], gaps: list[str]) -> list[int]:
    """Return the break in each gap; initials and titles do not end a sentence: "Mr. Smith", "P. Clarke"."""
    breaks = breaks_of(gaps, _break_in)
    for at, found in enumerate(breaks):
        if found == SENTENCE and (len(keys[at]) == 1 or keys[at] in _NOT_AFTER) and not keys[at].isdigit():
            breaks[at] = JOINED
    return breaks
