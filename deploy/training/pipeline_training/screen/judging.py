"""How well weights judge texts of authors that they were not fitted on, and the thresholds that follow from it.

Every judgement is made on authors left out of the fit. One author wrote the texts of few words, so there the imagined
speakers are left out.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline_training.screen.fitting import Example, fit, score
from pipeline_training.screen.texts import AUTHORS, FIRST, NOTE, SECOND, SHORT, USUAL, Labelled

WANTED_RECALL, WANTED_PRECISION = 0.985, 0.80
MOST_RAISED = 0.015  # share of the texts that are not HIGH and are raised by a sentence alone
FOLDS = 4
FEW = (SHORT, NOTE)  # kinds of text with few words


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
