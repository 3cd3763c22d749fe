"""Fitting the weights of the screen's learned part: `python -m tests.evaluation.fit_screen` writes the data file.

A logistic regression with a squared penalty, solved in its dual one text at a time (Yu, Huang and Lin 2011), with
nothing but the standard library and the same weights on every run. All is judged on authors
left out of the fit.
"""

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake_service.screening.learned import FOLDER, load_families
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.stretches import read_stretches, read_text
from tests.evaluation.labelled import AUTHORS, FIRST, Labelled, read_set

COST = 0.3  # of a text that is judged wrong, beside that of large weights
CONSTANT = 3.0  # a feature that every text has; large, so that it costs little
NAME_OF_CONSTANT = ""
LEAST_TEXTS = 2  # a feature of fewer texts, or of one author, is about that text
LEAST_AUTHORS = 2
ROUNDS = 40
STEPS = 8
SEED = 2026
WANTED_RECALL, WANTED_PRECISION = 0.98, 0.80
VERSION = "2026-11-26"

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text as features."""

    text: Labelled
    features: Features


@dataclass(frozen=True, slots=True)
class Counts:
    """How a threshold does."""

    right: int = 0
    wrong: int = 0
    high: int = 0

    @property
    def recall(self) -> float:
        """Return how many of what is HIGH is found."""
        return self.right / self.high if self.high else 1.0

    @property
    def precision(self) -> float:
        """Return how much of what is found is HIGH."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def read_examples() -> list[Example]:
    """Return the labelled texts as features, each with one more for the constant."""
    lexicon, families = load_lexicon(), load_families()
    examples: list[Example] = []
    for text in read_set():
        features: Features = {NAME_OF_CONSTANT: CONSTANT}
        reading = read_text(text.narrative, lexicon, families.of)
        for stretch in read_stretches(reading, lexicon):
            features |= stretch.features(reading).by_name()
        examples.append(Example(text, features))
    return examples


def fit(examples: Sequence[Example]) -> Features:
    """Return the weight of each feature that is in texts enough."""
    known = _known(examples)
    rows = [[(name, value) for name, value in one.features.items() if name in known] for one in examples]
    signs = [1 if one.text.high else -1 for one in examples]
    squares = [sum(value * value for _, value in row) for row in rows]
    weights: Features = dict.fromkeys(known, 0.0)
    duals = [COST / 2] * len(rows)
    for row, sign, dual in zip(rows, signs, duals, strict=True):
        _add(weights, row, sign * dual)
    order = list(range(len(rows)))
    chance = random.Random(SEED)
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
    """Return a text's dual variable where its part of the dual is least: Newton steps, kept inside the bounds."""
    now = dual
    for _ in range(STEPS):
        slope = square * (now - dual) + margin + math.log(now / (COST - now))
        step = slope / (square + COST / (now * (COST - now)))
        lower, upper = now / 10, COST - (COST - now) / 10
        now = min(max(now - step, lower), upper)
    return now


def score(weights: Mapping[str, float], example: Example) -> float:
    """Return what an example weighs."""
    return sum([weights.get(name, 0.0) * value for name, value in example.features.items()])


def left_out_scores(examples: Sequence[Example]) -> dict[str, float]:
    """Return the score of each text by weights fitted on the other authors' texts, under the text's id."""
    scores: dict[str, float] = {}
    for author in (FIRST, *AUTHORS):
        weights = fit([one for one in examples if one.text.author != author])
        scores |= {one.text.id: score(weights, one) for one in examples if one.text.author == author}
    return scores


def count(scored: Sequence[tuple[float, bool]], threshold: float) -> Counts:
    """Return how a threshold does on scores and whether each is of a HIGH text."""
    right = sum(high for value, high in scored if value >= threshold)
    said = sum(value >= threshold for value, _ in scored)
    return Counts(right, said - right, sum(high for _, high in scored))


def choose_threshold(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the highest threshold with the recall wanted if its precision is; else the lowest with that precision."""
    choices = [
        (value, count(scored, value)) for value in sorted({value for value, high in scored if high}, reverse=True)
    ]
    found = next(value for value, counts in choices if counts.recall >= WANTED_RECALL)
    if count(scored, found).precision >= WANTED_PRECISION:
        return found
    return min(value for value, counts in choices if counts.precision >= WANTED_PRECISION)


def main() -> None:
    """Write the weights."""
    examples = read_examples()
    scores = left_out_scores(examples)
    others = [(scores[one.text.id], one.text.high) for one in examples if one.text.author != FIRST]
    weights = fit(examples)
    constant = CONSTANT * weights.pop(NAME_OF_CONSTANT)
    _write(weights, choose_threshold(others), constant=constant)


def _write(weights: Features, threshold: float, *, constant: float) -> None:
    head = {"version": VERSION, "owner": "intelligence unit", "threshold": f"{threshold:.3f}"}
    head["constant"] = f"{constant:.4f}"
    rounded = {name: f"{weight:.3f}" for name, weight in sorted(weights.items())}
    lines = [f"# {name}: {value}" for name, value in head.items()]
    lines += [f"{name}\t{weight}" for name, weight in rounded.items() if float(weight)]
    (FOLDER / "weights.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
