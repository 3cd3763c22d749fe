"""Fits the weights of the screen's learned part: a logistic regression with a squared penalty.

Its dual is solved one text at a time (Yu, Huang and Lin 2011), with the standard library only and the same weights on
every run.
"""

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake_service.screening.learned import load_families
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.windows import Size, read_text, read_windows
from pipeline_training.screen.texts import Labelled

COST = 0.3  # the price of a wrongly judged text, against the price of large weights
CONSTANT = 3.0  # a feature that every text has; its value is large, so that its weight costs little
NAME_OF_CONSTANT = ""
LEAST_TEXTS = 2  # a feature in fewer texts, or by one author only, describes those texts alone
LEAST_AUTHORS = 2
ROUNDS = 40
STEPS = 8
SEED = 2026

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text as features, its sentences as features, and whether a certain rule matches."""

    text: Labelled
    features: Features
    sentences: tuple[Features, ...]
    is_certain: bool


def as_examples(texts: Sequence[Labelled]) -> list[Example]:
    """Return texts as features, each with the constant feature added."""
    lexicon, families = load_lexicon(), load_families()
    examples: list[Example] = []
    for text in texts:
        reading = read_text(text.narrative, lexicon, families.of)
        windows = list(read_windows(reading, lexicon))
        features: Features = {NAME_OF_CONSTANT: CONSTANT}
        sentences: list[Features] = []
        for window in windows:
            found = window.features(reading).by_name()
            if window.size is Size.SENTENCE:
                sentences.append({NAME_OF_CONSTANT: CONSTANT, **found})
            else:
                features |= found
        is_certain = any(window.is_certain for window in windows)
        examples.append(Example(text, features, tuple(sentences), is_certain))
    return examples


def fit(examples: Sequence[Example]) -> Features:
    """Return the weight of each feature that occurs in enough texts."""
    known = _known(examples)
    rows = [[(name, value) for name, value in one.features.items() if name in known] for one in examples]
    signs = [1 if one.text.high else -1 for one in examples]
    squares = [sum(value * value for _, value in row) for row in rows]
    weights: Features = dict.fromkeys(known, 0.0)
    duals = [COST / 2] * len(rows)
    for row, sign, dual in zip(rows, signs, duals, strict=True):
        _add(weights, row, sign * dual)
    order = list(range(len(rows)))
    chance = random.Random(SEED)  # noqa: S311 - the same order on every run
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for at in order:
            margin = signs[at] * sum([weights[name] * value for name, value in rows[at]])
            dual = _better(duals[at], margin, squares[at])
            _add(weights, rows[at], signs[at] * (dual - duals[at]))
            duals[at] = dual
    return weights


def _known(examples: Sequence[Example]) -> set[str]:
    texts: dict[str, int] = defaultdict(int)
    authors: dict[str, set[str]] = defaultdict(set)
    for one in examples:
        for name in one.features:
            texts[name] += 1
            authors[name].add(one.text.author)
    return {name for name in texts if texts[name] >= LEAST_TEXTS and len(authors[name]) >= LEAST_AUTHORS}


def _add(weights: Features, row: Sequence[tuple[str, float]], much: float) -> None:
    for name, value in row:
        weights[name] += much * value


def _better(dual: float, margin: float, square: float) -> float:
    """Return a text's dual variable at the minimum of its part of the dual: Newton steps, kept inside the bounds."""
    now = dual
    for _ in range(STEPS):
        slope = square * (now - dual) + margin + math.log(now / (COST - now))
        step = slope / (square + COST / (now * (COST - now)))
        lower, upper = now / 10, COST - (COST - now) / 10
        now = min(max(now - step, lower), upper)
    return now


def score(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """Return the sum of the weights of some features."""
    return sum([weights.get(name, 0.0) * value for name, value in features.items()])
