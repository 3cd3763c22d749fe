"""What tuning changes in the upper layers (`pipeline_training.telling`): a low-rank change of matrices, and vectors.

The file holds half-precision numbers. They are merged with elementwise operations alone, so that every machine makes
the same graph.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from pipeline_encoder.graph import Tokens
from pipeline_encoder.weights import Layer, Matrix

MATRICES = ("q", "k", "v", "o", "f", "p")
VECTORS = ("q_b", "v_b", "o_b", "f_b", "p_b", "ln1_g", "ln1_b", "ln2_g", "ln2_b")
SCALE = 2.0  # of the product of the two low-rank matrices


def read_delta(path: Path) -> dict[str, Matrix]:
    """Return the arrays of a file by name."""
    return {name: np.asarray(array, np.float32) for name, array in load_file(path).items()}


def with_delta(layers: Sequence[Layer], delta: dict[str, Matrix]) -> tuple[tuple[Layer, ...], Tokens]:
    """Return the layers with the change written into their weights, and the markers and the head."""
    first = min(int(name.split(".")[0]) for name in delta if name[0].isdigit())
    changed = [*layers[:first], *(_changed(layer, delta, at) for at, layer in enumerate(layers[first:], first))]
    return tuple(changed), Tokens(first, delta["markers"], delta["head_w"], delta["head_b"])


def _changed(layer: Layer, delta: dict[str, Matrix], at: int) -> Layer:
    changed = dict(layer)
    for name in MATRICES:
        low, high = delta[f"{at}.{name}.a"].astype(np.float64), delta[f"{at}.{name}.b"].astype(np.float64)
        weights = changed[f"{name}_w"].astype(np.float64)
        for rank in range(low.shape[1]):
            weights = weights + SCALE * low[:, rank, None] * high[rank]
        changed[f"{name}_w"] = weights.astype(np.float32)
    for name in VECTORS:
        changed[name] = changed[name] + delta[f"{at}.{name}"]
    return changed
