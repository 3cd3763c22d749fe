"""The head on the sentence encoder: it scores the encoder's states of a window, and tells which tokens added most.

The head is data (`data/learned/head.tsv`, fitted by `python -m pipeline_training.screen tests/evaluation`). It belongs
to one encoder: a file that names the hash of another one is refused.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intake_service.screening.fitted_files import FOLDER, read_fitted
from pipeline_shared.encoder.encoder import States
from pipeline_shared.encoder.files import HASHES
from pipeline_shared.text.lexicon import LexiconError
from pipeline_shared.text.linear_model import HEADERS, read_linear_model

GRAPH = "screen.onnx"
FILE = "head.tsv"
ENCODER = HASHES[GRAPH][:12]  # the encoder whose states the head is for
WIDTH = 384
MEANS = "mean"
QUERIES, VALUES = "query", "value"
NEEDED = (*HEADERS, "licence", "encoder", "queries", "constant")

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """Queries and values [width, queries], the weights of the mean state [width], and a constant."""

    queries: Numbers
    values: Numbers
    means: Numbers
    constant: float

    def parts(self, states: States) -> Numbers:
        """Return what each token of a window adds to the score: [tokens]."""
        looks = states @ self.queries
        looks = np.exp(looks - looks.max(0))
        looks /= looks.sum(0)
        return (looks * (states @ self.values)).sum(1) + states @ self.means / len(states)

    def total(self, parts: Numbers) -> float:
        """Return the score that the parts of a window's tokens add up to; more than 0 speaks for danger."""
        return float(parts.sum()) + self.constant

    def score(self, states: States) -> float:
        """Return the score of a window's states [tokens, width]."""
        return self.total(self.parts(states))


def load_head(folder: Path = FOLDER) -> Head:
    """Return the head; raise LexiconError."""
    return build_head(read_fitted(FILE, folder))


def build_head(text: str) -> Head:
    """Return the head in a file's text; raise LexiconError when it is incomplete or of another encoder."""
    model = read_linear_model(FILE, text, headers=NEEDED)
    if model.headers["encoder"] != ENCODER:
        raise LexiconError(FILE, f"of encoder {model.headers['encoder']}, not {ENCODER}")
    try:
        count, constant = int(model.headers["queries"]), float(model.headers["constant"])
    except ValueError as error:
        raise LexiconError(FILE, str(error)) from error
    if not 0 < count <= WIDTH or not np.isfinite([constant, *model.weights.values()]).all():
        raise LexiconError(FILE, "a number is out of range")

    def column(name: str) -> list[float]:
        return [model.weights.get(f"{name}:{at}", 0.0) for at in range(WIDTH)]

    def columns(name: str) -> Numbers:
        return np.array([column(f"{name}{number}") for number in range(count)], np.float32).T

    return Head(columns(QUERIES), columns(VALUES), np.array(column(MEANS), np.float32), constant)


def weights_of(head: Head) -> dict[str, float]:
    """Return the numbers of a head by name, as its file has them."""
    weights = {f"{MEANS}:{at}": float(value) for at, value in enumerate(head.means)}
    for name, numbers in ((QUERIES, head.queries), (VALUES, head.values)):
        for (at, number), value in np.ndenumerate(numbers):
            weights[f"{name}{number}:{at}"] = float(value)
    return weights
