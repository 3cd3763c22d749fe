"""Judges texts by weights and a head that were fitted without their author, and chooses the stack and its bars.

The bars for usual texts follow from a budget: of 100 ordinary submissions, so many may ring, and so many may stand at
the top of the queue. Each bar is the lowest that keeps to it, so all the attention that officers have is used. The bars
for texts of few words follow from the share of HIGH texts to be found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from intake_service.screening.stack import MOST_HEAD, Stack
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_training.screen.fitting import Example, Features, fit, score
from pipeline_training.screen.head import Head, fit_head
from pipeline_training.screen.texts import GROUPS, MIX, MIXED, NOTE, USUAL, Labelled

LONGER = (USUAL, MIXED, MIX)
# Shares of a realistic mix; a sentence that alarms alone may raise one in a hundred more. The aims are 0.08 and 0.20.
NOW_BUDGET, SOON_BUDGET, SENTENCE_BUDGET = 0.075, 0.19, 0.01
NOW_FEW, SOON_FEW = (0.95, 0.80), (0.975, 0.80)  # recall of terse notes, and the precision below which no bar goes
COST = 1.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted parts: weights of usual texts, weights of texts of few words, and the head."""

    usual: Features
    few_words: Features
    head: Head

    def judge(self, one: Example) -> "Judged":
        """Return the scores of a text."""
        words = score(self.few_words if one.is_few_words else self.usual, one.windows)
        head = max(self.head.score(states.astype(np.float32)) for states in one.states)
        return Judged(one.text, one.is_certain, one.is_few_words, words, head, score(self.usual, one.sentences))


@dataclass(frozen=True, slots=True)
class Judged:
    """The scores of a text."""

    text: Labelled
    is_certain: bool
    is_few_words: bool
    words: float
    head: float
    sentence: float


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stack for usual texts and the one for texts of few words."""

    usual: Stack
    few_words: Stack
    sentence: float

    def level(self, one: Judged) -> SafetyLevel:
        """Return the level of a text."""
        level = self._of(one).level(one.words, one.head, is_certain=one.is_certain)
        return SafetyLevel.SOON if level is SafetyLevel.ORDINARY and one.sentence >= self.sentence else level

    def _of(self, one: Judged) -> Stack:
        return self.few_words if one.is_few_words else self.usual


def fit_all(examples: Sequence[Example]) -> Fitted:
    """Fit the weights and the head."""
    usual = [one for one in examples if one.text.kind in (USUAL, MIX)]
    return Fitted(fit(usual), fit(examples), fit_head(examples))


def judge_left_out(examples: Sequence[Example]) -> list[Judged]:
    """Judge the texts of each group of authors by parts that were fitted without the group."""
    judged: list[Judged] = []
    for group in GROUPS:
        fitted = fit_all([one for one in examples if one.text.author not in group])
        judged += [fitted.judge(one) for one in examples if one.text.author in group]
    return judged


def fit_stacks(judged: Sequence[Judged]) -> Stacks:
    """Return the stacks with their bars, from texts judged with their authors left out."""
    longer = [one for one in judged if not one.is_few_words and one.text.kind in LONGER]
    mix = [one for one in longer if one.text.kind == MIX]
    few = [one for one in judged if one.is_few_words]
    usual = _stack(longer, lambda stack: _bars_in_budget(stack, mix), rings_when_certain=False)
    notes = [one for one in few if one.text.kind == NOTE]
    few_words = _stack(few, lambda stack: _bars_by_recall(stack, notes), rings_when_certain=True)
    below = sorted((one.sentence for one in mix if _is_ordinary(usual, one)), reverse=True)
    return Stacks(usual, few_words, round(below[int(SENTENCE_BUDGET * len(mix))] + 0.001, 3))


def levels_left_out(judged: Sequence[Judged]) -> Iterator[tuple[Judged, SafetyLevel]]:
    """Yield each text with its level by a stack and bars that were also fitted without its group of authors."""
    for group in GROUPS:
        stacks = fit_stacks([one for one in judged if one.text.author not in group])
        for one in judged:
            if one.text.author in group:
                yield one, stacks.level(one)


def _stack(
    judged: Sequence[Judged], bars: Callable[[Stack], tuple[float, float]], *, rings_when_certain: bool
) -> Stack:
    rows = [(one.words, float(one.is_certain), float(np.clip(one.head, -MOST_HEAD, MOST_HEAD))) for one in judged]
    model = LogisticRegression(C=COST).fit(rows, [one.text.high for one in judged])
    words, certain, head = (round(float(weight), 4) for weight in model.coef_[0])
    bare = Stack(
        words=words,
        certain=certain,
        head=head,
        constant=round(float(model.intercept_[0]), 4),
        now=0,
        soon=0,
        rings_when_certain=rings_when_certain,
    )
    now, soon = bars(bare)
    return bare.model_copy(update={"now": max(now, soon), "soon": soon})


def _is_ordinary(stack: Stack, one: Judged) -> bool:
    return stack.level(one.words, one.head, is_certain=one.is_certain) is SafetyLevel.ORDINARY


def _scored(stack: Stack, judged: Sequence[Judged]) -> list[tuple[float, Judged]]:
    return [(stack.score(one.words, one.head, is_certain=one.is_certain), one) for one in judged]


def _bars_in_budget(stack: Stack, mix: Sequence[Judged]) -> tuple[float, float]:
    """Return the lowest bars that keep to the budgets; what is certain is raised anyway, but rings by its score."""
    scored = _scored(stack, mix)
    ringing = sorted((value for value, _ in scored), reverse=True)
    raised = sorted((np.inf if one.is_certain else value for value, one in scored), reverse=True)
    now, soon = ringing[int(NOW_BUDGET * len(mix))], raised[int(SOON_BUDGET * len(mix))]
    return round(float(now) + 0.001, 3), round(float(soon) + 0.001, 3)


def _bars_by_recall(stack: Stack, few: Sequence[Judged]) -> tuple[float, float]:
    scored = [(np.inf if one.is_certain else value, one.text.high) for value, one in _scored(stack, few)]
    now, soon = (_bar(scored, recall, precision) for recall, precision in (NOW_FEW, SOON_FEW))
    return now, soon


def _bar(scored: Sequence[tuple[float, bool]], recall: float, precision: float) -> float:
    """Return the highest bar with this recall, or the lowest with this precision if that is higher."""
    order = sorted(scored, reverse=True)
    wanted, right, best = recall * sum(high for _, high in scored), 0, order[0][0]
    for count, (value, high) in enumerate(order, 1):
        right += high
        if right / count >= precision:
            best = value
        if right >= wanted:
            break
    return round(float(min(best, 1e3)) - 0.001, 3)
