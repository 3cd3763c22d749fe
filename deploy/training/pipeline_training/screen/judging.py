"""Judges texts by weights and a head that were fitted without their author, and chooses the stack and its bars.

The bars for usual texts follow from a budget: of 100 ordinary submissions, so many may ring, and so many may stand at
the top of the queue. Each bar is the lowest that keeps to it, so all the attention that officers have is used. The bars
for texts of few words follow from the share of HIGH texts to be found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from intake_service.screening.policy import highest
from intake_service.screening.stack import MOST_HEAD, Bars, Stack
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_training.screen.fitting import Example, Features, Passage, fit, score
from pipeline_training.screen.head import Head, fit_head
from pipeline_training.screen.texts import GROUPS, MIX, MIXED, NOTE, USUAL, Labelled

LONGER = (USUAL, MIXED, MIX)
# Shares of a realistic mix for whole texts, and what sentences that alarm alone may add. The aims are 0.08 and 0.20.
NOW_BUDGET, SOON_BUDGET = 0.073, 0.185
NOW_ALONE, SOON_ALONE = 0.002, 0.006
NOW_FEW, SOON_FEW = (0.95, 0.80), (0.975, 0.80)  # recall of terse notes, and the precision below which no bar goes
COST = 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a text, or of a sentence as if it stood alone."""

    words: float
    head: float
    is_certain: bool
    is_few_words: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A text with its scores, and those of its loudest sentence; None if it is one sentence."""

    text: Labelled
    whole: Scores
    alone: Scores | None

    @property
    def is_few_words(self) -> bool:
        """Tell whether the text has few words."""
        return self.whole.is_few_words


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted parts: weights of usual texts, weights of texts of few words, and the head."""

    usual: Features
    few_words: Features
    head: Head

    def judge(self, one: Example) -> Judged:
        """Return a text with its scores."""
        heard = [score(self.usual, (features,)) for features in one.sentences]
        loudest = one.alone[int(np.argmax(heard))] if heard else None
        return Judged(one.text, self._scores(one), self._scores(loudest) if loudest else None)

    def _scores(self, one: Passage) -> Scores:
        words = score(self.few_words if one.is_few_words else self.usual, one.windows)
        head = max(self.head.score(states.astype(np.float32)) for states in one.states)
        return Scores(words, head, one.is_certain, one.is_few_words)


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stack for usual texts, the one for texts of few words, and the bars for a sentence as if it stood alone."""

    usual: Stack
    few_words: Stack
    alone: Bars

    def level(self, one: Judged) -> SafetyLevel:
        """Return the level of a text."""
        whole = one.whole
        level = self._of(whole).level(whole.words, whole.head, is_certain=whole.is_certain)
        alone = self.alone.level(self.score(one.alone)) if one.alone else SafetyLevel.ORDINARY
        return highest((level, alone))

    def score(self, scores: Scores) -> float:
        """Return the score that the stack makes of the words' and the head's."""
        return self._of(scores).score(scores.words, scores.head, is_certain=scores.is_certain)

    def _of(self, scores: Scores) -> Stack:
        return self.few_words if scores.is_few_words else self.usual


UNREACHED = Bars(now=1e9, soon=1e9)


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
    stacks = Stacks(usual, few_words, UNREACHED)
    return replace(stacks, alone=_bars_alone(stacks, mix))


def _bars_alone(stacks: Stacks, mix: Sequence[Judged]) -> Bars:
    """Return the lowest bars for a sentence as if it stood alone that keep to what is left of the budgets."""

    def bar(share: float, *levels: SafetyLevel) -> float:
        below = [stacks.score(one.alone) for one in mix if one.alone and stacks.level(one) in levels]
        return round(float(sorted(below, reverse=True)[int(share * len(mix))]) + 0.001, 3)

    now = bar(NOW_ALONE, SafetyLevel.SOON, SafetyLevel.ORDINARY)
    return Bars(now=now, soon=min(bar(SOON_ALONE, SafetyLevel.ORDINARY), now))


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
    scores = [one.whole for one in judged]
    rows = [(one.words, float(one.is_certain), float(np.clip(one.head, -MOST_HEAD, MOST_HEAD))) for one in scores]
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


def _scored(stack: Stack, judged: Sequence[Judged]) -> list[tuple[float, Judged]]:
    return [(stack.score(one.whole.words, one.whole.head, is_certain=one.whole.is_certain), one) for one in judged]


def _bars_in_budget(stack: Stack, mix: Sequence[Judged]) -> tuple[float, float]:
    """Return the lowest bars that keep to the budgets; what is certain is raised anyway, but rings by its score."""
    scored = _scored(stack, mix)
    ringing = sorted((value for value, _ in scored), reverse=True)
    raised = sorted((np.inf if one.whole.is_certain else value for value, one in scored), reverse=True)
    now, soon = ringing[int(NOW_BUDGET * len(mix))], raised[int(SOON_BUDGET * len(mix))]
    return round(float(now) + 0.001, 3), round(float(soon) + 0.001, 3)


def _bars_by_recall(stack: Stack, few: Sequence[Judged]) -> tuple[float, float]:
    scored = [(np.inf if one.whole.is_certain else value, one.text.high) for value, one in _scored(stack, few)]
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
