"""The learned part: which words, families, concepts and rules together speak of danger, by weights fitted on texts.

Rules join what somebody thought of; the weights add what many small signs say together. They are data like the lexicon
(`data/learned/`, fitted by `python -m tests.evaluation.fit_screen`), owned by the intelligence unit, and explained: the
words that weigh most are the phrases of a hit.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake_service.screening.features import LAST, PAIR, PIECE, Reading, pieces
from intake_service.screening.lexicon import DATA, LexiconError, endings
from pipeline_shared.submission import SafetyReason

FOLDER = DATA / "learned"
HEADERS = ("version", "owner", "threshold", "constant")
PHRASES = 3  # how many of the words that weigh most a hit shows


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
    """Which families a word is in, and why an officer must look when a family is there."""

    of: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, SafetyReason]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature weighs; a text is HIGH from the threshold on."""

    threshold: float
    constant: float
    features: Mapping[str, float]

    def score(self, features: Mapping[str, float]) -> float:
        """Return what the features weigh together."""
        weigh = self.features.get
        return self.constant + sum([weigh(name, 0.0) * value for name, value in features.items()])


def load_families(folder: Path = FOLDER) -> Families:
    """Return the families of words; raise LexiconError."""
    return build_families((folder / "families.yaml").read_text("utf-8"))


def build_families(text: str) -> Families:
    """Return the families that a file's text makes; raise LexiconError."""
    try:
        families = _File.model_validate(yaml.safe_load(text)).families
    except (yaml.YAMLError, ValidationError) as error:
        raise LexiconError("families.yaml", str(error)) from error
    of: dict[str, list[str]] = defaultdict(list)
    for name, family in families.items():
        for word in dict.fromkeys(form for part in family.words.split() for form in _forms(part)):
            of[word].append(name)
    reasons = {name: family.reason for name, family in families.items() if family.reason}
    return Families({word: tuple(names) for word, names in of.items()}, reasons)


def _forms(part: str) -> list[str]:
    return sorted(endings(part[:-1])) if part.endswith("+") else [part]


def load_weights(folder: Path = FOLDER) -> Weights:
    """Return the fitted weights; raise LexiconError."""
    return build_weights((folder / "weights.tsv").read_text("utf-8"))


def build_weights(text: str) -> Weights:
    """Return the weights in a file's text: headers, then a feature and its weight a line; raise LexiconError."""
    lines = text.splitlines()
    try:
        head = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
        rows = [line.split("\t") for line in lines if line and not line.startswith("# ")]
        features = {name: float(weight) for name, weight in rows}
        weights = Weights(float(head["threshold"]), float(head["constant"]), features)
    except (KeyError, ValueError) as error:
        raise LexiconError("weights.tsv", str(error)) from error
    if missing := [name for name in HEADERS if not head.get(name)]:
        raise LexiconError("weights.tsv", f"no header: {missing}")
    if len(features) != len(rows):
        raise LexiconError("weights.tsv", "a feature stands twice")
    return weights


@dataclass(frozen=True, slots=True)
class Learned:
    """The families and the weights, and what they say of a stretch of words."""

    families: Families
    weights: Weights

    def is_high(self, features: Mapping[str, float]) -> bool:
        """Tell whether the features weigh enough."""
        return self.weights.score(features) >= self.weights.threshold

    def explain(self, reading: Reading, first: int, after: int) -> tuple[SafetyReason | None, list[int]]:
        """Return the reason that weighs most, if any has one, and the words that weigh most, in their order."""
        weight = self._weight_of_words(reading, first, after)
        heaviest = sorted(weight, key=lambda at: (-weight[at], at))[:PHRASES]
        return self._reason(reading, weight), sorted(heaviest)

    def _weight_of_words(self, reading: Reading, first: int, after: int) -> dict[int, float]:
        """Return what each word weighs where it first stands, those only that speak for danger."""
        weigh, stems = self.weights.features.get, reading.stems
        weight: dict[int, float] = {}
        seen: set[str] = set()
        for at in range(first, after):
            if stems[at] in seen:
                continue
            seen.add(stems[at])
            pairs = [stems[one] + " " + stems[one + 1] for one in (at - 1, at) if first <= one < after - 1]
            heavy = weigh("s:" + stems[at], 0.0) + sum(PAIR * weigh("b:" + pair, 0.0) for pair in pairs)
            heavy += LAST * weigh("l:" + stems[at], 0.0) * (reading.words.sentence_ends[at] >= after)
            heavy += PIECE * sum(weigh(piece, 0.0) for piece in pieces(reading.tokens[at]))
            heavy += sum(weigh("f:" + family, 0.0) for family in reading.families[at])
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


def load_learned(folder: Path = FOLDER) -> Learned:
    """Return the learned part; raise LexiconError."""
    return Learned(load_families(folder), load_weights(folder))
