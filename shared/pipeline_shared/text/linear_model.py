"""Linear models: read the fitted weight of each feature from a file, and add weights up.

The name of a feature begins with its kind (`w:knife`). The file has headers (`# version: 1`), then one feature and its
weight per line. The intelligence unit owns the weights. An invalid file is refused.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline_shared.text.lexicon import LexiconError, lines_of

HEADER = "# "
HEADERS = ("version", "owner")


@dataclass(frozen=True, slots=True)
class LinearModel:
    """The headers of a file of fitted weights, and the weight of each feature."""

    headers: Mapping[str, str]
    weights: Mapping[str, float]


def read_linear_model(name: str, text: str, *, headers: Collection[str] = HEADERS) -> LinearModel:
    """Return the model in a file's text; raise LexiconError when it is invalid or a required header is missing."""
    head = dict(line.removeprefix(HEADER).split(": ", 1) for line in text.splitlines() if _is_header(line))
    if missing := [header for header in headers if not head.get(header)]:
        raise LexiconError(name, f"no header: {missing}")
    rows = [line.rsplit(maxsplit=1) for line in lines_of(text)]
    try:
        weights = {feature: float(weight) for feature, weight in rows}
    except ValueError as error:
        raise LexiconError(name, str(error)) from error
    if len(weights) != len(rows):
        raise LexiconError(name, "a feature stands twice")
    return LinearModel(head, weights)


def _is_header(line: str) -> bool:
    return line.startswith(HEADER) and ": " in line


def write_linear_model(headers: Mapping[str, str], weights: Mapping[str, float], *, digits: int) -> str:
    """Return a model as a file's text: weights rounded and sorted by feature, without weights that round to zero."""
    rounded = {feature: f"{weight:.{digits}f}" for feature, weight in sorted(weights.items())}
    lines = [f"{HEADER}{name}: {value}" for name, value in headers.items()]
    lines += [f"{feature}\t{weight}" for feature, weight in rounded.items() if float(weight)]
    return "\n".join(lines) + "\n"


def weights_of_kind(weights: Mapping[str, float], kind: str) -> dict[str, float]:
    """Return the weights of one kind of feature, keyed by the name without the kind."""
    return {name.removeprefix(kind): weight for name, weight in weights.items() if name.startswith(kind)}


def total(weights: Mapping[str, float], features: Iterable[str]) -> float:
    """Return the sum of the weights of some features. A feature without a weight adds nothing."""
    return sum(filter(None, map(weights.get, features)))
