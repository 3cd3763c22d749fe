"""Fit the weights of indirect identifiers on labelled texts: logistic regression with the standard library only.

`python -m pipeline_training.indirect_identifiers OUT FILE...` writes the weights, the same on every run. A phrase is
positive if it touches a quasi-identifying span. The features are classes of words, and those single words and pairs
that are common in the texts.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_shared.text.linear_model import write_linear_model
from pipeline_training.forms import agency_of, documents_in, submission_of
from sanitiser_service.matcher.disclosure.phrases import masks_of, phrases_of
from sanitiser_service.matcher.disclosure.weighing import features_of, sides_of, words_of
from sanitiser_service.matcher.matching import direct_of

HEADERS = {"version": "1", "owner": "intelligence unit"}
EPOCHS, RATE, DECAY, MISSED = 12, 0.15, 0.05, 2.0
RAREST, RAREST_WORD, SMALLEST = 8, 15, 0.02
Example = tuple[list[str], bool, float]


def examples_of(document: dict[str, Any]) -> Iterator[Example]:
    """Return each phrase of a document, whether it touches a quasi-identifying span, and its weight in the fit."""
    submission = submission_of(document["form"], document["narrative"])
    [(reading, direct)] = direct_of(
        submission, agency_of(document["form"]), {"narrative": submission.narrative}
    ).values()
    phrases = phrases_of(reading)
    masks = masks_of(reading, phrases, direct)
    spans = [(s["start"], s["end"]) for s in document["spans"] if s["sev"] == "quasi"]
    touched = [_touched(reading.original(phrase.first, phrase.last), spans) for phrase in phrases]
    sizes = Counter(span for each in touched for span in each)
    for phrase, sides, truths in zip(phrases, sides_of(phrases, masks), touched, strict=True):
        features = [feature for side, mask in sides for feature in features_of(side, mask)]
        features += words_of(reading.keys[phrase.first : phrase.last + 1])
        yield features, bool(truths), max((MISSED / math.sqrt(sizes[span]) for span in truths), default=1.0)


def _touched(place: tuple[int, int], spans: list[tuple[int, int]]) -> list[int]:
    return [n for n, (start, end) in enumerate(spans) if start < place[1] and end > place[0]]


def fitted(examples: list[Example], seed: int = 7) -> dict[str, float]:
    """Return the weights. Phrases of a span with few phrases count more; rare features are left out."""
    counts = Counter(feature for features, _, _ in examples for feature in features)
    usable = {f for f, number in counts.items() if number >= (RAREST_WORD if f[1] == ":" else RAREST)}
    kept = [([f for f in features if f in usable], truth, cost) for features, truth, cost in examples]
    weights, squares = dict.fromkeys(sorted(usable), 0.0), dict.fromkeys(usable, 1.0)
    order = random.Random(seed)  # noqa: S311 - the same order on every run
    for _ in range(EPOCHS):
        order.shuffle(kept)
        for features, truth, cost in kept:
            _step(weights, squares, features, truth=truth, cost=cost)
    return weights


def _step(
    weights: dict[str, float], squares: dict[str, float], features: list[str], *, truth: bool, cost: float
) -> None:
    score = sum(weights[f] for f in features)
    error = cost * (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - truth)
    for f in features:
        slope = error + DECAY * weights[f]
        squares[f] += slope * slope
        weights[f] -= RATE * slope / math.sqrt(squares[f])


def main() -> None:
    """Fit on some files and write the weights."""
    options = argparse.ArgumentParser(prog="python -m pipeline_training.indirect_identifiers", description=main.__doc__)
    options.add_argument("out", type=Path, help="the file to write")
    options.add_argument("documents", type=Path, nargs="+", help="files of labelled documents")
    arguments = options.parse_args()
    examples = [example for document in documents_in(arguments.documents) for example in examples_of(document)]
    kept = {name: weight for name, weight in fitted(examples).items() if abs(weight) >= SMALLEST}
    arguments.out.write_text(write_linear_model(HEADERS, kept, digits=2), encoding="utf-8")


if __name__ == "__main__":
    main()
