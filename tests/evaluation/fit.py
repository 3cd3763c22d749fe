"""Fits the weights of the cue classes on texts with gold spans: logistic regression, nothing but the standard library.

`python -m tests.evaluation.fit OUT FILE...` writes the weights. A clause is positive when it touches a quasi-identifying
span. What is weighed is classes of words, never single words, so that the weights say something about the language.
"""

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sanitiser_service.sanitising import cues
from sanitiser_service.sanitising.findings import Match
from sanitiser_service.sanitising.matching import direct_of
from tests.evaluation.adapter import agency_of, submission_of

HEADER = "# Weights of the cue classes, fitted by tests/evaluation/fit.py. Owner: intelligence unit. Version 1.\n"
EPOCHS, RATE, DECAY, RAREST = 40, 0.15, 2e-4, 8
Example = tuple[list[str], bool, float]


def examples_of(document: dict[str, Any]) -> Iterator[Example]:
    """Return each clause of a document with whether it touches a quasi-identifying span."""
    submission = submission_of(document["form"], document["narrative"])
    [(reading, direct)] = direct_of(submission, agency_of(document["form"]), {"narrative": document["narrative"]}).values()
    clauses = cues.clauses_of(reading)
    masks = cues.masks_of(reading, clauses, direct)
    spans = [(s["start"], s["end"]) for s in document["spans"] if s["sev"] == "quasi"]
    for clause, sides in zip(clauses, cues.sides_of(clauses, masks), strict=True):
        start, end = reading.original(clause.first, clause.last)
        features = [feature for side, mask in sides for feature in cues.features_of(side, mask)]
        yield features, any(s < end and e > start for s, e in spans), _share(start, end, direct)


def _share(start: int, end: int, direct: list[Match]) -> float:
    return 1.0 if end > start and direct is not None else 0.0


def fitted(examples: list[Example], positive: float, seed: int = 7) -> dict[str, float]:
    """Return the weights; `positive` says how much worse a missed clause is than a flagged innocent one."""
    counts = Counter(feature for features, _, _ in examples for feature in features)
    usable = {feature for feature, number in counts.items() if number >= RAREST}
    kept = [([f for f in features if f in usable], truth) for features, truth, _ in examples]
    weights, squares = dict.fromkeys(usable, 0.0), dict.fromkeys(usable, 1.0)
    order = random.Random(seed)
    for _ in range(EPOCHS):
        order.shuffle(kept)
        for features, truth in kept:
            _step(weights, squares, features, truth=truth, cost=positive if truth else 1.0)
    return weights


def _step(weights: dict[str, float], squares: dict[str, float], features: list[str], *, truth: bool, cost: float) -> None:
    score = sum(weights[f] for f in features)
    error = cost * (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - truth)
    for f in features:
        slope = error + DECAY * weights[f] * 10
        squares[f] += slope * slope
        weights[f] -= RATE * slope / math.sqrt(squares[f])


def documents_in(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the documents of some files."""
    return [json.loads(line) for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines()]


def main(out: str, positive: str, *paths: str) -> None:
    """Fit on some files and write the weights."""
    examples = [example for document in documents_in(paths) for example in examples_of(document)]
    weights = fitted(examples, float(positive))
    lines = [f"{name} {weight:.2f}\n" for name, weight in sorted(weights.items()) if abs(weight) >= 0.02]
    Path(out).write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
