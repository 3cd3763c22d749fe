"""The features of a window that the learned part weighs, with the same code for fitting and for use.

A feature has a name and a strength. Its name begins with its kind: `s:` a word's stem, `l:` a stem in the last
sentence, `b:` two stems in a row, `g:` a piece of a word (which a misspelt word still contains), `f:` a family of
words, `z:` a family in the last sentence, `t:` the way it is told, `c:` a concept of the lexicon and `r:` a rule that
fires.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from intake_service.screening.text import Words

STEM, LAST_STEM, PAIR, PIECE = "s:", "l:", "b:", "g:"
FAMILY, LAST_FAMILY, TELLING, CONCEPT, RULE = "f:", "z:", "t:", "c:", "r:"
# Kinds with many or overlapping features have less strength, so that no single kind decides.
STRENGTHS = {
    STEM: 1.0,
    PAIR: 0.5,
    PIECE: 0.5,
    FAMILY: 1.0,
    LAST_STEM: 0.7,
    LAST_FAMILY: 0.7,
    CONCEPT: 0.5,
    RULE: 0.5,
    TELLING: 1.0,
}
PIECE_LENGTH = 4
LONGEST_WORD = 40  # the rest of a longer word has no pieces
ENDINGS = ("ing", "ed", "es", "s", "ly", "in")
SHORTEST_STEM = 3
DOUBLED = frozenset("bdgmnprt")
# The way it is told: the share of words that are one of these, times a factor, at most 1.
TOLD = {
    "she": frozenset({"she", "her"}),
    "he": frozenset({"he", "him", "his"}),
    "i": frozenset({"i", "we", "me", "my"}),
}
PRESENT = frozenset({"is", "are", "s", "has", "am", "re", "m", "does"})
PAST = frozenset({"was", "were", "had", "did"})
HOW_MANY = ("any", "several")  # the number of rules that fire
OFTEN, TENSED, LONG, SENTENCES = 3, 5, 100, 10


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text for the learned part: stems, pairs of stems, and the families of each word."""

    words: Words
    tokens: list[str]
    stems: list[str]
    pairs: list[str]
    families: list[tuple[str, ...]]

    def last_sentence(self, first: int, after: int) -> int:
        """Return the start of the last sentence in the words from `first` up to, not including, `after`."""
        return max(first, self.words.sentence_starts[after - 1]) if first < after else after


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a window by kind, the words whose pieces count, and the way it is told."""

    of: dict[str, Collection[str]]
    words: set[str]
    told: dict[str, float]

    def by_name(self) -> dict[str, float]:
        """Return the strength of each feature; a piece counts once for every word that contains it."""
        features = {kind + key: STRENGTHS[kind] for kind, keys in self.of.items() for key in keys}
        for piece, times in Counter(piece for word in self.words for piece in pieces(word)).items():
            features[PIECE + piece] = STRENGTHS[PIECE] * times
        return features | {TELLING + key: value for key, value in self.told.items()}


def read_features(words: Words, families: Mapping[str, tuple[str, ...]]) -> Reading:
    """Return the words with their stems and families."""
    tokens = [keys[-1] if keys[0].isdigit() else keys[0] for keys in words.keys]
    stems = [stem(token) for token in tokens]
    pairs = [f"{one} {other}" for one, other in pairwise(stems)]
    return Reading(words, tokens, stems, pairs, [families.get(keys[0], ()) for keys in words.keys])


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a word without a usual ending."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = _undouble(word[: -len(ending)])
            break
    return word[:-1] if word.endswith("e") and len(word) > SHORTEST_STEM else word


def _undouble(word: str) -> str:
    doubled = len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] in DOUBLED
    return word[:-1] if doubled else word


def pieces(word: str) -> Iterable[str]:
    """Return the different pieces of a word; a number has none."""
    if word.startswith("#"):
        return ()
    whole = f"<{word[:LONGEST_WORD]}>"
    return dict.fromkeys([whole[at : at + PIECE_LENGTH] for at in range(len(whole) - PIECE_LENGTH + 1)])


def features_of(
    reading: Reading, first: int, after: int, *, concepts: Collection[str], rules: Sequence[str]
) -> Features:
    """Return the features of the words from `first` up to, not including, `after`."""
    tokens, last = reading.tokens[first:after], reading.last_sentence(first, after)
    return Features(
        {
            STEM: set(reading.stems[first:after]),
            PAIR: set(reading.pairs[first : max(after - 1, 0)]),
            FAMILY: _families(reading.families[first:after]),
            LAST_STEM: set(reading.stems[last:after]),
            LAST_FAMILY: {family for families in reading.families[last:after] for family in families},
            CONCEPT: concepts,
            RULE: [*rules, *HOW_MANY[: len(rules)]],
        },
        set(tokens),
        _telling(tokens, len(set(reading.words.sentence_starts[first:after]))),
    )


def _families(families: Iterable[tuple[str, ...]]) -> list[str]:
    times = Counter([family for names in families for family in names])
    return [*times, *[family + ":again" for family in times if times[family] > 1]]


def _telling(tokens: Sequence[str], sentences: int) -> dict[str, float]:
    there = Counter(tokens)
    told = {name: min(1.0, sum([there.get(word, 0) for word in words]) / OFTEN) for name, words in TOLD.items()}
    for name, words in (("present", PRESENT), ("past", PAST)):
        told[name] = TENSED * sum([there.get(word, 0) for word in words]) / (len(tokens) + 1)
    told["long"] = min(len(tokens), LONG) / LONG
    told["sentences"] = min(sentences, SENTENCES) / SENTENCES
    return told
