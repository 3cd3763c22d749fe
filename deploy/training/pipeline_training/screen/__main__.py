"""`python -m pipeline_training.screen TEXTS [OUT]`: fits the screen's weights, head, stack and bars."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import yaml

from intake_service.screening import encoder_head, stack
from intake_service.screening.learned import FOLDER
from pipeline_shared.encoder import files
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
    for file, content in _files(fit_all(examples), stacks).items():
        (arguments.out / file).write_text(content, "utf-8")


def _files(fitted: Fitted, stacks: Stacks) -> Mapping[str, str]:
    """Return the content of each file by name."""
    head = HEAD | {
        "encoder": files.VERSION,
        "queries": str(QUERIES),
        "constant": f"{fitted.head.constant:.5f}",
    }
    return {
        "weights.tsv": _written(fitted.usual),
        "few_words.tsv": _written(fitted.few_words),
        encoder_head.FILE: write_linear_model(head, encoder_head.weights_of(fitted.head), digits=5),
        stack.FILE: yaml.safe_dump(
            HEAD
            | {"usual": stacks.usual.model_dump(), "few_words": stacks.few_words.model_dump()}
            | {"sentence": stacks.sentence},
            sort_keys=False,
        ),
    }


def _written(weights: Features) -> str:
    rest = {name: weight for name, weight in weights.items() if name != NAME_OF_CONSTANT}
    return write_linear_model(HEAD | {"constant": f"{CONSTANT * weights[NAME_OF_CONSTANT]:.4f}"}, rest, digits=3)


if __name__ == "__main__":
    main()
