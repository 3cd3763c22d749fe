"""Labelled texts as features and as states of the encoder, and the weights of words: a logistic regression."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from intake_service.screening.encoder_head import GRAPH
from intake_service.screening.features import Reading
from intake_service.screening.learned import load_families
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.text import fold_character
from intake_service.screening.windows import Size, Window, read_text, read_windows
from pipeline_shared.encoder.encoder import Encoder
from pipeline_shared.text.fold import fold_text
from pipeline_training.screen.texts import Labelled

COST = 0.3  # the price of a wrongly judged text, against the price of large weights
CONSTANT = 3.0  # a feature that every text has; its value is large, so that its weight costs little
NAME_OF_CONSTANT = ""
LEAST_TEXTS = 2  # a feature in fewer texts, or by one author only, describes those texts alone
LEAST_AUTHORS = 2
ROUNDS = 3_000

Features = dict[str, float]
States = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text or a sentence: features and states of its windows, whether a rule is certain, and its size."""

    windows: tuple[Features, ...]
    states: tuple[States, ...]
    is_certain: bool
    is_few_words: bool


@dataclass(frozen=True, slots=True)
class Example(Passage):
    """A labelled text, with the features of its sentences, and each sentence as if it stood alone."""

    text: Labelled
    sentences: tuple[Features, ...]
    alone: tuple[Passage, ...]
    rules: frozenset[str]

    @property
    def features(self) -> Features:
        """Return the features of the whole text."""
        return {name: value for window in self.windows for name, value in window.items()}


class Reader:
    """Reads texts into passages, with the product's own functions."""

    def __init__(self) -> None:
        self._lexicon, self._families, self._encoder = load_lexicon(), load_families(), Encoder(GRAPH)

    def example(self, text: Labelled) -> Example:
        """Return a labelled text as an example."""
        reading = read_text(text.narrative, self._lexicon, self._families.of)
        windows = list(read_windows(reading, self._lexicon))
        sentences = [window for window in windows if window.size is Size.SENTENCE]
        starts, ends = reading.words.starts, reading.words.ends
        whole = self.passage(text.narrative, reading, windows)
        return Example(
            whole.windows,
            whole.states,
            whole.is_certain,
            whole.is_few_words,
            text=text,
            sentences=tuple(_features(window, reading) for window in sentences),
            alone=tuple(self._alone(text.narrative[starts[one.first] : ends[one.after - 1]]) for one in sentences),
            rules=frozenset(rule.id for one in windows if one.size is not Size.SENTENCE for rule, _ in one.fired),
        )

    def passage(self, text: str, reading: Reading, windows: Sequence[Window]) -> Passage:
        """Return a text that has been read as a passage."""
        tokens = self._encoder.tokens_of(fold_text(text, fold_character))
        return Passage(
            windows=tuple(_features(window, reading) for window in windows if window.size is not Size.SENTENCE),
            states=tuple(window.states[1:-1].astype(np.float16) for window in self._encoder.windows(tokens)),
            is_certain=any(window.is_certain for window in windows),
            is_few_words=windows[0].size is Size.FEW_WORDS,
        )

    def _alone(self, sentence: str) -> Passage:
        reading = read_text(sentence, self._lexicon, self._families.of)
        return self.passage(sentence, reading, list(read_windows(reading, self._lexicon)))


def _features(window: Window, reading: Reading) -> Features:
    """Return the features of a window, with the constant one added."""
    return {NAME_OF_CONSTANT: CONSTANT, **window.features(reading).by_name()}


def as_examples(texts: Sequence[Labelled]) -> list[Example]:
    """Return texts as examples."""
    return list(map(Reader().example, texts))


def fit(examples: Sequence[Example]) -> Features:
    """Return the weight of each feature that occurs in enough texts."""
    columns = {name: at for at, name in enumerate(sorted(_known(examples)))}
    rows = [[(columns[name], value) for name, value in one.features.items() if name in columns] for one in examples]
    starts = np.cumsum([0, *map(len, rows)])
    flat = [cell for row in rows for cell in row]
    matrix = csr_matrix(([value for _, value in flat], [at for at, _ in flat], starts), shape=(len(rows), len(columns)))
    model = LogisticRegression(
        C=COST, solver="liblinear", dual=True, fit_intercept=False, max_iter=ROUNDS, random_state=0
    )
    model.fit(matrix, [one.text.high for one in examples])
    return dict(zip(columns, map(float, model.coef_[0]), strict=True))


def _known(examples: Sequence[Example]) -> set[str]:
    texts: dict[str, int] = defaultdict(int)
    authors: dict[str, set[str]] = defaultdict(set)
    for one in examples:
        for name in one.features:
            texts[name] += 1
            authors[name].add(one.text.author)
    return {name for name in texts if texts[name] >= LEAST_TEXTS and len(authors[name]) >= LEAST_AUTHORS}


def score(weights: Mapping[str, float], parts: Sequence[Features]) -> float:
    """Return the score of the heaviest window or sentence; of none it is minus infinity."""
    return max(
        (sum([weights.get(name, 0.0) * value for name, value in part.items()]) for part in parts), default=-math.inf
    )
