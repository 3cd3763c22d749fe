"""`python -m pipeline_training.screen TEXTS [OUT]`: fits the weights of the screen's learned part, writes its files."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from intake_service.screening.learned import FOLDER
from pipeline_shared.text.linear_model import write_linear_model
from pipeline_training.screen.fitting import CONSTANT, NAME_OF_CONSTANT, Example, Features, as_examples, fit
from pipeline_training.screen.judging import choose_sentence_threshold, choose_threshold, judge_left_out, judge_short
from pipeline_training.screen.texts import AUTHORS, SHORT, USUAL, read_set

VERSION = "2026-11-28"


def main() -> None:
    """Fit on a folder's labelled texts and write the weights."""
    options = argparse.ArgumentParser(prog="python -m pipeline_training.screen", description=main.__doc__)
    options.add_argument("texts", type=Path, help="the folder of the labelled texts")
    options.add_argument("out", type=Path, nargs="?", default=FOLDER, help="where to write; without it, the product")
    arguments = options.parse_args()
    for file, content in fitted_files(as_examples(read_set(arguments.texts))).items():
        (arguments.out / file).write_text(content, "utf-8")


def fitted_files(examples: Sequence[Example]) -> dict[str, str]:
    """Return the files of weights by name."""
    usual = [one for one in examples if one.text.kind == USUAL]
    others = [one for one in judge_left_out(usual, usual) if one.text.author in AUTHORS]
    threshold = choose_threshold([one.whole for one in others])
    thresholds = {"threshold": threshold, "sentence_threshold": choose_sentence_threshold(others, threshold)}
    # Rules find terse notes: they must not lower the threshold for texts without rules.
    short = choose_threshold([one.whole for one in judge_short(examples) if one.text.kind == SHORT])
    return {
        "weights.tsv": _written(fit(usual), thresholds),
        "few_words.tsv": _written(fit(examples), {"threshold": short}),
    }


def _written(weights: Features, thresholds: Mapping[str, float]) -> str:
    head = {"version": VERSION, "owner": "intelligence unit"} | {
        name: f"{value:.3f}" for name, value in thresholds.items()
    }
    head["constant"] = f"{CONSTANT * weights.pop(NAME_OF_CONSTANT):.4f}"
    return write_linear_model(head, weights, digits=3)


if __name__ == "__main__":
    main()
