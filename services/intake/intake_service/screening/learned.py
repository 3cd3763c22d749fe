"""The learned part of the screen: fitted weights of words, families, concepts and rules add up to a score of danger.

A rule finds only the danger that its author thought of; weights add up many small signs. Like the lexicon, the weights
are data that the intelligence unit owns (`data/learned/`, fitted by `python -m pipeline_training.screen
tests/evaluation`). A hit shows the phrases around the words that weigh most. A text of few words has its own weights.
`stack.py` compares the score, together with the encoder's, with the bars of the levels.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake_service.screening.features import (
    FAMILY,
    LAST_STEM,
    PAIR,
    PIECE,
    STEM,
    STRENGTHS,
    TELLING,
    Features,
    Reading,
    pieces,
)
from intake_service.screening.fitted_files import FOLDER, read_fitted
from intake_service.screening.lexicon import read_yaml
from intake_service.screening.phrases import endings
from intake_service.screening.windows import Size, Window
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from pipeline_shared.text.linear_model import HEADERS, LinearModel, read_linear_model, total, weights_of_kind

WEIGHTS, FEW_WORDS = "weights.tsv", "few_words.tsv"
NEEDED = (*HEADERS, "constant")
HEAVIEST = 3  # the number of words shown, each in its phrase
REACH = 5  # words shown on each side, within the clause


class _Family(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[str, Field(min_length=1)]
    reason: SafetyReason | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    families: dict[str, _Family]


@dataclass(frozen=True, slots=True)
class Families:
    """The families of each word, and the safety reason of each family that has one."""

    of: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, SafetyReason]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of features by kind, scaled by the kind's strength."""

    constant: float
    of: Mapping[str, Mapping[str, float]]
    of_pieces: Callable[[str], float]

    def score(self, features: Features) -> float:
        """Return the sum of the weights of the features."""
        score = self.constant + sum(map(self.of_pieces, features.words))
        for kind, keys in features.of.items():
            score += total(self.of[kind], keys)
        told = self.of[TELLING]
        return score + sum([told.get(key, 0.0) * value for key, value in features.told.items()])


def load_families(folder: Path = FOLDER) -> Families:
    """Return the families of words; raise LexiconError."""
    return build_families((folder / "families.yaml").read_text("utf-8"))


def build_families(text: str) -> Families:
    """Return the families in a file's text; raise LexiconError."""
    families = read_yaml("families.yaml", text, _File).families
    of: dict[str, list[str]] = defaultdict(list)
    for name, family in families.items():
        for word in dict.fromkeys(form for part in family.words.split() for form in _forms(part)):
            of[word].append(name)
    reasons = {name: family.reason for name, family in families.items() if family.reason}
    return Families({word: tuple(names) for word, names in of.items()}, reasons)


def _forms(part: str) -> list[str]:
    return sorted(endings(part[:-1])) if part.endswith("+") else [part]


def load_weights(name: str, folder: Path = FOLDER) -> Weights:
    """Return the fitted weights of a file; raise LexiconError."""
    return build_weights(name, read_fitted(name, folder))


def build_weights(name: str, text: str) -> Weights:
    """Return the weights in a file's text; raise LexiconError."""
    model = read_linear_model(name, text, headers=NEEDED)
    try:
        return _as_weights(model)
    except ValueError as error:
        raise LexiconError(name, str(error)) from error


def _as_weights(model: LinearModel) -> Weights:
    of = {
        kind: {key: strength * weight for key, weight in weights_of_kind(model.weights, kind).items()}
        for kind, strength in STRENGTHS.items()
    }
    return Weights(
        constant=float(model.headers["constant"]),
        of=of,
        of_pieces=_of_pieces(of[PIECE]),
    )


def _of_pieces(weights: Mapping[str, float]) -> Callable[[str], float]:
    """Return a function that adds up the weights of a word's pieces, with a cache of recent words."""

    @lru_cache(maxsize=8192)
    def weigh(word: str) -> float:
        return sum([weights.get(piece, 0.0) for piece in pieces(word)])

    return weigh


@dataclass(frozen=True, slots=True)
class Learned:
    """The families and the weights, which judge a window of words."""

    families: Families
    weights: Weights
    few_words: Weights

    def score(self, reading: Reading, window: Window) -> float:
        """Return the score of a window; more than 0 speaks for danger."""
        return self._weights(window.size).score(window.features(reading))

    def explain(self, reading: Reading, window: Window) -> tuple[SafetyReason | None, list[tuple[int, int]]]:
        """Return the safety reason that weighs most, if any, and the phrases that weigh most, in text order."""
        weight = self._weight_of_words(reading, window)
        return self._reason(reading, weight), heaviest_phrases(reading, weight)

    def _weights(self, size: Size) -> Weights:
        return self.few_words if size is Size.FEW_WORDS else self.weights

    def _weight_of_words(self, reading: Reading, window: Window) -> dict[int, float]:
        """Return the positive weight of each word at its first position."""
        first, after, weights = window.first, window.after, self._weights(window.size)
        of_stem, of_last_stem, of_pair, of_family = (weights.of[kind].get for kind in (STEM, LAST_STEM, PAIR, FAMILY))
        last = reading.last_sentence(first, after)
        paired = [0.0, *[of_pair(pair, 0.0) for pair in reading.pairs[first : max(after - 1, 0)]], 0.0]
        weight: dict[int, float] = {}
        seen: set[str] = set()
        for at, stem in enumerate(reading.stems[first:after], first):
            if stem in seen:
                continue
            seen.add(stem)
            heavy = of_stem(stem, 0.0) + (paired[at - first] + paired[at - first + 1])
            heavy += of_last_stem(stem, 0.0) if at >= last else 0.0
            heavy += weights.of_pieces(reading.tokens[at])
            heavy += sum(filter(None, map(of_family, reading.families[at])))
            if heavy > 0:
                weight[at] = heavy
        return weight

    def _reason(self, reading: Reading, weight: Mapping[int, float]) -> SafetyReason | None:
        total: dict[SafetyReason, float] = defaultdict(float)
        for reason, heavy in self._reasons_of(reading, weight):
            total[reason] += heavy
        return max(total, key=lambda reason: (total[reason], reason)) if total else None

    def _reasons_of(self, reading: Reading, weight: Mapping[int, float]) -> Iterator[tuple[SafetyReason, float]]:
        for at, heavy in weight.items():
            for family in reading.families[at]:
                if family in self.families.reasons:
                    yield self.families.reasons[family], heavy


def heaviest_phrases(reading: Reading, weight: Mapping[int, float]) -> list[tuple[int, int]]:
    """Return the phrases around the words that weigh most in the sentence that weighs most, in text order."""
    sentences: dict[int, list[int]] = defaultdict(list)
    for at in weight:
        sentences[reading.words.sentence_starts[at]].append(at)
    sentence = max(sentences.values(), key=lambda places: sum([weight[at] for at in places]), default=[])
    return _phrases(reading, sorted(sentence, key=lambda at: (-weight[at], at))[:HEAVIEST])


def _phrases(reading: Reading, heaviest: list[int]) -> list[tuple[int, int]]:
    """Return the parts of clauses around these words; overlapping parts become one."""
    clauses = reading.words.clauses
    shown = {
        near
        for at in heaviest
        for near in range(max(at - REACH, 0), min(at + REACH + 1, len(clauses)))
        if clauses[near] == clauses[at]
    }
    begins = sorted(at for at in shown if at - 1 not in shown or clauses[at - 1] != clauses[at])
    ends = sorted(at + 1 for at in shown if at + 1 not in shown or clauses[at + 1] != clauses[at])
    return list(zip(begins, ends, strict=True))


def load_learned(folder: Path = FOLDER) -> Learned:
    """Return the learned part; raise LexiconError."""
    return Learned(load_families(folder), load_weights(WEIGHTS, folder), load_weights(FEW_WORDS, folder))
