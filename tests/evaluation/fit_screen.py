"""Fit the weights of the screen's learned part: `python -m tests.evaluation.fit_screen` writes the data files.

The model is a logistic regression with a squared penalty. Its dual is solved one text at a time (Yu, Huang and Lin
2011), with the standard library only and the same weights on every run. Every judgement is made on authors left out of
the fit. One author wrote the texts of few words, so there the imagined speakers are left out.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intake_service.screening.learned import FOLDER, load_families
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.windows import Size, read_text, read_windows
from pipeline_shared.text.linear_model import write_linear_model
from tests.evaluation.labelled import AUTHORS, FIRST, NOTE, SECOND, SHORT, USUAL, Labelled, read_set

COST = 0.3  # the price of a wrongly judged text, against the price of large weights
CONSTANT = 3.0  # a feature that every text has; its value is large, so that its weight costs little
NAME_OF_CONSTANT = ""
LEAST_TEXTS = 2  # a feature in fewer texts, or by one author only, describes those texts alone
LEAST_AUTHORS = 2
ROUNDS = 40
STEPS = 8
SEED = 2026
WANTED_RECALL, WANTED_PRECISION = 0.985, 0.80
MOST_RAISED = 0.015  # share of the texts that are not HIGH and are raised by a sentence alone
FOLDS = 4
FEW = (SHORT, NOTE)  # kinds of text with few words
VERSION = "2026-11-28"

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text as features, its sentences as features, and whether a certain rule matches."""

    text: Labelled
    features: Features
    sentences: tuple[Features, ...]
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement of a text by weights that were fitted without its author."""

    text: Labelled
    is_certain: bool
    score: float
    sentence: float

    @property
    def whole(self) -> tuple[float, bool]:
        """Return the score of the whole text (the highest possible if a certain rule matches) and its label."""
        return (math.inf if self.is_certain else self.score), self.text.high

    def is_raised(self, threshold: float, sentence_threshold: float) -> bool:
        """Tell whether the screen would raise this text."""
        return self.is_certain or self.score >= threshold or self.sentence >= sentence_threshold


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of right and wrong judgements at one threshold."""

    right: int = 0
    wrong: int = 0
    high: int = 0

    @property
    def recall(self) -> float:
        """Return the share of HIGH texts that are found."""
        return self.right / self.high if self.high else 1.0

    @property
    def precision(self) -> float:
        """Return the share of found texts that are HIGH."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def read_examples() -> list[Example]:
    """Return the labelled texts as features."""
    return as_examples(read_set())


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


def judge_left_out(examples: Sequence[Example], judged: Sequence[Example]) -> list[Judged]:
    """Judge the texts of each author by weights fitted on the usual texts of all other authors."""
    return [
        one
        for author in (FIRST, *AUTHORS, SECOND)
        for one in _judge(
            [one for one in examples if one.text.author != author and one.text.kind == USUAL],
            [one for one in judged if one.text.author == author],
        )
    ]


def judge_short(examples: Sequence[Example]) -> list[Judged]:
    """Judge the short texts and terse notes of each quarter of the voices by weights fitted without this quarter."""
    voices = sorted({one.text.voice for one in examples if one.text.kind in FEW})
    return [
        one
        for fold in range(FOLDS)
        for one in _judge(
            [one for one in examples if one.text.kind not in FEW or one.text.voice not in voices[fold::FOLDS]],
            [one for one in examples if one.text.kind in FEW and one.text.voice in voices[fold::FOLDS]],
        )
    ]


def _judge(fitted: Sequence[Example], judged: Sequence[Example]) -> Iterator[Judged]:
    weights = fit(fitted) if judged else {}
    for one in judged:
        sentence = max((score(weights, features) for features in one.sentences), default=-math.inf)
        yield Judged(one.text, one.is_certain, score(weights, one.features), sentence)


def count(scored: Sequence[tuple[float, bool]], threshold: float) -> Counts:
    """Count right and wrong judgements at a threshold, from scores and labels."""
    right = sum(high for value, high in scored if value >= threshold)
    said = sum(value >= threshold for value, _ in scored)
    return Counts(right, said - right, sum(high for _, high in scored))


def choose_threshold(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the highest threshold with this recall if its precision is enough; else the lowest with this precision."""
    choices = [
        (value, count(scored, value)) for value in sorted({value for value, high in scored if high}, reverse=True)
    ]
    found = next(value for value, counts in choices if counts.recall >= WANTED_RECALL)
    if count(scored, found).precision >= WANTED_PRECISION:
        return found
    return min(value for value, counts in choices if counts.precision >= WANTED_PRECISION)


def choose_sentence_threshold(judged: Sequence[Judged], threshold: float) -> float:
    """Return the lowest threshold at which sentences alone raise only a few texts that are not HIGH."""
    ordinary = [one for one in judged if not one.text.high]
    raised = sorted((one.sentence for one in ordinary if one.whole[0] < threshold), reverse=True)
    return raised[int(MOST_RAISED * len(ordinary))] + 0.001


def main() -> None:
    """Write the weights."""
    examples = read_examples()
    usual = [one for one in examples if one.text.kind == USUAL]
    others = [one for one in judge_left_out(usual, usual) if one.text.author in AUTHORS]
    threshold = choose_threshold([one.whole for one in others])
    thresholds = {"threshold": threshold, "sentence_threshold": choose_sentence_threshold(others, threshold)}
    _write("weights.tsv", fit(usual), thresholds)
    # Rules find terse notes: they must not lower the threshold for texts without rules.
    short = choose_threshold([one.whole for one in judge_short(examples) if one.text.kind == SHORT])
    _write("few_words.tsv", fit(examples), {"threshold": short})


def _write(file: str, weights: Features, thresholds: Mapping[str, float]) -> None:
    head = {"version": VERSION, "owner": "intelligence unit"} | {
        name: f"{value:.3f}" for name, value in thresholds.items()
    }
    head["constant"] = f"{CONSTANT * weights.pop(NAME_OF_CONSTANT):.4f}"
    (FOLDER / file).write_text(write_linear_model(head, weights, digits=3), "utf-8")


if __name__ == "__main__":
    main()
