"""The labelled documents as windows of tokens: markers of what the matcher found, and the words that tell who spoke."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_shared.encoder.encoder import FIRST, LAST, Encoder, Token, starts_of_windows
from pipeline_training.forms import agency_of, documents_in, submission_of
from pipeline_training.telling.layers import Array
from sanitiser_service.matcher.disclosure.telling import LONGEST, STEP, marks_of
from sanitiser_service.matcher.matching import direct_of

FILES = ("handwritten", *(f"handwritten{number}" for number in range(2, 8)))
OF_SEVERAL = FILES[2:]  # the style names the author
CLASSES = {"quasi": 0, "direct": 1}
HEAVY = 5.0  # how much a telling span of one token weighs against a token that tells nothing
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A window of a document: its tokens with the marks around them, markers, labels and weights, [T] and [T, 2]."""

    document: int
    first: int
    ids: Array
    marks: Array
    labels: Array
    weights: Array


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document, its author, its tokens and the markers of what the matcher found in it."""

    author: str
    document: Document
    tokens: Sequence[Token]
    marks: Sequence[int]


def read_documents(folder: Path, encoder: Encoder) -> list[Labelled]:
    """Return the documents that may be used for fitting."""
    return [
        as_labelled(one, one["style"] if name in OF_SEVERAL else name, encoder)
        for name in FILES
        for one in documents_in([folder / f"{name}.jsonl"])
    ]


def as_labelled(document: Document, author: str, encoder: Encoder) -> Labelled:
    """Return a document with its tokens and markers."""
    narrative = document["narrative"]
    before = len(narrative) - len(narrative.lstrip())  # the form strips its texts before they are searched
    spans = [{**span, "start": span["start"] - before, "end": span["end"] - before} for span in document["spans"]]
    submission = submission_of(document["form"], narrative)
    direct = direct_of(submission, agency_of(document["form"]), {"narrative": narrative.strip()})["narrative"]
    tokens = encoder.tokens_of(direct.reading.folded)
    return Labelled(author, {**document, "spans": spans}, tokens, marks_of(tokens, direct.matches))


def pieces_of(number: int, one: Labelled) -> Iterator[Piece]:
    """Yield the windows of a document, as the matcher reads them."""
    labels, weights = _labels(one)
    ids = [token.id for token in one.tokens]
    for first in starts_of_windows(len(ids), LONGEST, STEP):
        part = slice(first, first + LONGEST)
        yield Piece(
            number,
            first,
            np.array([FIRST, *ids[part], LAST], np.int32),
            np.array([0, *one.marks[part], 0], np.int32),
            np.pad(labels[part], ((1, 1), (0, 0))),
            np.pad(weights[part], ((1, 1), (0, 0))),
        )


def _labels(one: Labelled) -> tuple[Array, Array]:
    """Return for each token whether it tells who spoke, and its weight: a short span weighs as much as a long one."""
    labels, weights = np.zeros((len(one.tokens), 2), np.float32), np.ones((len(one.tokens), 2), np.float32)
    spans = [span for span in one.document["spans"] if span["sev"] in CLASSES]
    kept = {at for span in one.document["spans"] if span["sev"] == "keep" for at in _inside(one.tokens, span)}
    for span in spans:
        inside = [at for at in _inside(one.tokens, span) if at not in kept]
        labels[inside, CLASSES[span["sev"]]] = 1
        weight = max(1.0, HEAVY / max(len(inside), 1) ** 0.5)
        weights[inside, CLASSES[span["sev"]]] = np.maximum(weights[inside, CLASSES[span["sev"]]], weight)
    return labels, weights


def _inside(tokens: Sequence[Token], span: Document) -> list[int]:
    return [at for at, token in enumerate(tokens) if token.start < span["end"] and token.end > span["start"]]
