"""`python -m pipeline_training.screen TEXTS [OUT]`: fits the screen's weights, head, stack and bars."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import yaml

from intake_service.screening import encoder_head, stack
from intake_service.screening.fitted_files import FOLDER, HASHES, hashes_of
from intake_service.screening.learned import FEW_WORDS, WEIGHTS
from pipeline_shared.text.linear_model import write_linear_model
from pipeline_training.screen.fitting import CONSTANT, NAME_OF_CONSTANT, Features, as_examples
from pipeline_training.screen.head import QUERIES
from pipeline_training.screen.judging import Fitted, Stacks, fit_all, fit_stacks, judge_left_out
from pipeline_training.screen.texts import read_set

HEAD = {"version": "2026-11-30", "owner": "intelligence unit"}


def main() -> None:
    """Fit on a folder's labelled texts and write the files."""
    options = argparse.ArgumentParser(prog="python -m pipeline_training.screen", description=main.__doc__)
    options.add_argument("texts", type=Path, help="the folder of the labelled texts")
    options.add_argument("out", type=Path, nargs="?", default=FOLDER, help="where to write; without it, the product")
    arguments = options.parse_args()
    examples = as_examples(read_set(arguments.texts))
    stacks = fit_stacks(judge_left_out(examples))
    fitted = _fitted_files(fit_all(examples))
    for file, content in {**fitted, HASHES: hashes_of(fitted), stack.FILE: _bars(stacks)}.items():
        (arguments.out / file).write_text(content, "utf-8")


def _fitted_files(fitted: Fitted) -> Mapping[str, str]:
    """Return the content of each file that nobody changes by hand, by name."""
    head = HEAD | {
        "licence": "fitted on the states of all-MiniLM-L6-v2, Apache-2.0",
        "encoder": encoder_head.ENCODER,
        "queries": str(QUERIES),
        "constant": f"{fitted.head.constant:.5f}",
    }
    return {
        WEIGHTS: _written(fitted.usual),
        FEW_WORDS: _written(fitted.few_words),
        encoder_head.FILE: write_linear_model(head, encoder_head.weights_of(fitted.head), digits=5),
    }


def _bars(stacks: Stacks) -> str:
    """Return the content of the file of stacks and bars; a force may move the bars."""
    parts = {name: getattr(stacks, name).model_dump() for name in ("usual", "few_words", "alone")}
    return yaml.safe_dump(HEAD | parts, sort_keys=False)


def _written(weights: Features) -> str:
    rest = {name: weight for name, weight in weights.items() if name != NAME_OF_CONSTANT}
    return write_linear_model(HEAD | {"constant": f"{CONSTANT * weights[NAME_OF_CONSTANT]:.4f}"}, rest, digits=3)


if __name__ == "__main__":
    main()
