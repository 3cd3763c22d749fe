"""Windows: a text is weighed in overlapping parts of bounded length, and then sentence by sentence.

The weights were fitted on texts of a few sentences. In a long report, harmless words would outweigh the one line that
matters, so no window is longer than those texts.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise

from intake_service.screening.deadline import NEVER, Deadline
from intake_service.screening.features import Features, Reading, features_of, read_features
from intake_service.screening.lexicon import Lexicon, Rule
from intake_service.screening.matching import Found, find_concepts
from intake_service.screening.text import read_words

LONGEST = 160  # words; the texts for fitting are shorter
STEP = 80
FEW_WORDS = 12  # a shorter text has its own weights
TERSE = 25  # a shorter text is a terse note, which lacks the context that separates danger from talk of it
SHORTEST_SENTENCE = 4  # words; a shorter sentence says too little to be weighed alone


class Size(StrEnum):
    """The kinds of windows; a sentence is weighed when the whole text is ordinary."""

    FEW_WORDS = "few_words"
    WINDOW = "window"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class Window:
    """The words from `first` up to, not including, `after`, with their weighed concepts and the rules that fire."""

    size: Size
    first: int
    after: int
    concepts: frozenset[str]
    fired: list[tuple[Rule, tuple[Found, ...]]]

    def features(self, reading: Reading) -> Features:
        """Return the features to weigh; rules that are not weighed are left out."""
        rules = [rule.id for rule, _ in self.fired if rule.weighed]
        return features_of(reading, self.first, self.after, concepts=self.concepts, rules=rules)

    @property
    def is_certain(self) -> bool:
        """Tell whether a rule fires that raises a text alone."""
        return any(self.is_sure_of(rule) for rule, _ in self.fired)

    def is_sure_of(self, rule: Rule) -> bool:
        """Tell whether a rule raises a text alone here: a certain rule, or a terse rule in a terse note."""
        return rule.certain or (rule.terse and self.size is not Size.SENTENCE and self.after - self.first < TERSE)


def read_text(text: str, lexicon: Lexicon, families: Mapping[str, tuple[str, ...]]) -> Reading:
    """Return the words of a text with their stems and families."""
    return read_features(read_words(text, lexicon.spellings), families)


def read_windows(reading: Reading, lexicon: Lexicon, deadline: Deadline = NEVER) -> Iterator[Window]:
    """Yield the windows of a text, each overlapping half of the one before, then its sentences if there are several.

    Raises OutOfTimeError.
    """
    lexicon = (lexicon.of_longer if len(reading.tokens) >= TERSE else None) or lexicon
    found = find_concepts(reading.words, lexicon, deadline)
    places = [one.first for one in found]
    for size, first, after in chain(_bounds(len(reading.tokens)), _sentences(reading)):
        deadline.check()
        by_concept: dict[str, list[Found]] = {}
        for one in found[bisect_left(places, first) : bisect_left(places, after)]:
            by_concept.setdefault(one.concept, []).append(one)
        concepts = frozenset(by_concept)
        meetings: list[tuple[Rule, tuple[Found, ...]]] = []
        for rule in lexicon.rules:
            if rule.may_fire(concepts):
                deadline.check()  # a sentence can be as long as a text
                meetings.append((rule, _meeting(rule, by_concept)))
        yield Window(
            size, first, after, concepts & lexicon.weighed, [(rule, phrases) for rule, phrases in meetings if phrases]
        )


def _bounds(words: int) -> Iterator[tuple[Size, int, int]]:
    size = Size.FEW_WORDS if words < FEW_WORDS else Size.WINDOW
    for first in range(0, max(words - STEP, 1), STEP):
        yield size, first, min(first + LONGEST, words)


def _sentences(reading: Reading) -> Iterator[tuple[Size, int, int]]:
    starts = list(dict.fromkeys(reading.words.sentence_starts))
    if len(starts) > 1 and len(reading.tokens) >= FEW_WORDS:
        for first, after in pairwise([*starts, len(reading.tokens)]):
            if after - first >= SHORTEST_SENTENCE:
                yield Size.SENTENCE, first, after


def _meeting(rule: Rule, by_concept: Mapping[str, list[Found]]) -> tuple[Found, ...]:
    """Return the first phrases that satisfy a rule, one for each group; empty when there are none."""
    groups = [[one for name in group for one in by_concept.get(name, ())] for group in rule.groups]
    unless = sorted(one.first for name in rule.unless for one in by_concept.get(name, ()))
    latest: dict[int, Found] = {}
    for one, group in sorted((one, group) for group, ones in enumerate(groups) for one in ones):
        latest[group] = one
        near = {other.first: other for other in latest.values() if one.first - other.after < rule.near}
        if len(near) >= rule.least and not _is_near(unless, one.first, rule.near):
            return tuple(near[first] for first in sorted(near))
    return ()


def _is_near(places: list[int], place: int, near: int) -> bool:
    at = bisect_left(places, place - near)
    return at < len(places) and places[at] <= place + near
