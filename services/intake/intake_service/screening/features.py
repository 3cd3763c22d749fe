"""What the learned part counts in a stretch of words: the same for the fitting of its weights and for a submission.

A feature is a name and how strongly it is there. Names begin with their kind: `s:` a word's stem, `l:` one in the last
sentence, `b:` two that follow each other, `g:` a piece of a word (what a misspelt word still has), `f:` a family of
words, `z:` one in the last sentence, `t:` how it is told, `c:` a concept of the lexicon and `r:` a rule that fires.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from intake_service.screening.text import Words

# Kinds that are many or overlap with others count less, so that no single one of them decides.
LAST, PAIR, PIECE, LEXICON = 0.7, 0.5, 0.5, 0.5
PIECE_LENGTH = 4
LONGEST_WORD = 40  # the rest of a longer one has no pieces
ENDINGS = ("ing", "ed", "es", "s", "ly", "in")
SHORTEST_STEM = 3
DOUBLED = frozenset("bdgmnprt")
# How it is told: how often these words are there for each that could be, up to once.
TOLD = {
    "she": frozenset({"she", "her"}),
    "he": frozenset({"he", "him", "his"}),
    "i": frozenset({"i", "we", "me", "my"}),
}
PRESENT = frozenset({"is", "are", "s", "has", "am", "re", "m", "does"})
PAST = frozenset({"was", "were", "had", "did"})
OFTEN, TENSED, LONG, SENTENCES = 3, 5, 100, 10


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's words as the learned part sees them: stems, and the families that each word is in."""

    words: Words
    tokens: list[str]
    stems: list[str]
    families: list[tuple[str, ...]]


def read_features(words: Words, families: Mapping[str, tuple[str, ...]]) -> Reading:
    """Return words with their stems and families."""
    tokens = [keys[-1] if keys[0].isdigit() else keys[0] for keys in words.keys]
    return Reading(words, tokens, [stem(token) for token in tokens], [families.get(keys[0], ()) for keys in words.keys])


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a word without its usual ending."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = _undouble(word[: -len(ending)])
            break
    return word[:-1] if word.endswith("e") and len(word) > SHORTEST_STEM else word


def _undouble(word: str) -> str:
    doubled = len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] in DOUBLED
    return word[:-1] if doubled else word


def features_of(
    reading: Reading, first: int, after: int, *, concepts: Iterable[str], rules: Iterable[str]
) -> dict[str, float]:
    """Return the features of the words from `first` up to, not including, `after`."""
    stems = reading.stems[first:after]
    features = dict.fromkeys(["s:" + word for word in stems], 1.0)
    features.update(dict.fromkeys([f"b:{one} {other}" for one, other in pairwise(stems)], PAIR))
    _add_pieces(features, set(reading.tokens[first:after]))
    _add_families(features, reading.families[first:after])
    last = max(first, reading.words.sentence_starts[after - 1]) if stems else after
    features.update(dict.fromkeys(["l:" + word for word in reading.stems[last:after]], LAST))
    in_last = {family for families in reading.families[last:after] for family in families}
    features.update(dict.fromkeys(["z:" + family for family in in_last], LAST))
    features.update(dict.fromkeys(["c:" + concept for concept in concepts], LEXICON))
    _add_rules(features, list(rules))
    _add_telling(features, reading, first, after)
    return features


def _add_pieces(features: dict[str, float], words: Iterable[str]) -> None:
    for word in words:
        for piece in pieces(word):
            features[piece] = features.get(piece, 0.0) + PIECE


@lru_cache(maxsize=8192)
def pieces(word: str) -> tuple[str, ...]:
    """Return the features of a word's pieces, none of a number's kind."""
    if word.startswith("#"):
        return ()
    whole = f"<{word[:LONGEST_WORD]}>"
    return tuple({"g:" + whole[at : at + PIECE_LENGTH]: None for at in range(len(whole) - PIECE_LENGTH + 1)})


def _add_families(features: dict[str, float], families: list[tuple[str, ...]]) -> None:
    for family, times in Counter([name for names in families for name in names]).items():
        features["f:" + family] = 1.0
        if times > 1:
            features["f:" + family + ":again"] = 1.0


def _add_rules(features: dict[str, float], rules: list[str]) -> None:
    features.update(dict.fromkeys(["r:" + rule for rule in rules], LEXICON))
    if rules:
        features["r:any"] = LEXICON
    if len(rules) > 1:
        features["r:several"] = LEXICON


def _add_telling(features: dict[str, float], reading: Reading, first: int, after: int) -> None:
    tokens = reading.tokens[first:after]
    there = Counter(tokens)
    for name, words in TOLD.items():
        features["t:" + name] = min(1.0, sum([there[word] for word in words]) / OFTEN)
    for name, words in (("present", PRESENT), ("past", PAST)):
        features["t:" + name] = TENSED * sum([there[word] for word in words]) / (len(tokens) + 1)
    features["t:long"] = min(len(tokens), LONG) / LONG
    features["t:sentences"] = min(len(set(reading.words.sentence_starts[first:after])), SENTENCES) / SENTENCES
