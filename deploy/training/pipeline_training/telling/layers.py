"""Layers of the encoder in JAX: the lower ones frozen, the upper ones with a low-rank change that is fitted.

A change is a tree of arrays: `low` (for each layer and matrix a pair `a`, `b` whose product is added), `added` (for
each layer what is added to its vectors), `markers` and the head.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from pipeline_encoder.delta import MATRICES, SCALE, VECTORS
from pipeline_encoder.graph import EPSILON, HEADS, WIDTH

Array = NDArray[Any]
Tree = Any  # nested containers of arrays, as JAX walks them
RANK = 8
NEVER = -1e9  # added to the attention to what is no token


def embed(embeddings: dict[str, Array], ids: Any) -> Any:
    """Return the states of tokens [B, T] before the first layer."""
    states = embeddings["word"][ids] + embeddings["pos"][: ids.shape[1]] + embeddings["type"][0]
    return _norm(states, embeddings["ln_g"], embeddings["ln_b"])


def unchanged(layers: Sequence[Tree], markers: int, classes: int, seed: int) -> Tree:
    """Return a change that changes nothing yet."""
    chance = np.random.default_rng(seed)
    low = [
        {
            name: {
                "a": jnp.asarray(chance.normal(0, len(layer[f"{name}_w"]) ** -0.5, (len(layer[f"{name}_w"]), RANK))),
                "b": jnp.zeros((RANK, layer[f"{name}_w"].shape[1])),
            }
            for name in MATRICES
        }
        for layer in layers
    ]
    return {
        "low": jax.tree.map(lambda array: array.astype(jnp.float32), low),
        "added": [{name: jnp.zeros_like(layer[name]) for name in VECTORS} for layer in layers],
        "markers": jnp.zeros((markers, WIDTH)),
        "head_w": jnp.asarray(chance.normal(0, 0.02, (WIDTH, classes)), jnp.float32),
        "head_b": jnp.zeros(classes),
    }


def run(layers: Sequence[Tree], states: Any, is_token: Any) -> Any:
    """Return the states after some frozen layers."""
    for layer in layers:
        states = _layer(layer, None, states, jnp.where(is_token, 0.0, NEVER)[:, None, None, :])
    return states


def scores(change: Tree, layers: Sequence[Tree], states: Any, is_token: Any, marks: Any) -> Any:
    """Return the logits of tokens [B, T, classes] from the states below the changed layers."""
    states = states + change["markers"][marks]
    bias = jnp.where(is_token, 0.0, NEVER)[:, None, None, :]
    for layer, low, added in zip(layers, change["low"], change["added"], strict=True):
        states = _layer(layer, (low, added), states, bias)
    return states @ change["head_w"] + change["head_b"]


def _layer(layer: Tree, change: tuple[Tree, Tree] | None, states: Any, bias: Any) -> Any:
    low, added = change or ({}, {})
    batch, length, width = states.shape

    def vector(name: str) -> Any:
        return layer[name] + added[name] if name in added else layer[name]

    def times(into: Any, name: str) -> Any:
        out = into @ layer[f"{name}_w"] + vector(f"{name}_b")
        return out + (into @ low[name]["a"]) @ low[name]["b"] * SCALE if name in low else out

    def heads(array: Any) -> Any:
        return array.reshape(batch, length, HEADS, width // HEADS).transpose(0, 2, 1, 3)

    query, key, value = (heads(times(states, name)) for name in "qkv")
    attention = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(width // HEADS) + bias, axis=-1)
    mixed = (attention @ value).transpose(0, 2, 1, 3).reshape(batch, length, width)
    states = _norm(states + times(mixed, "o"), vector("ln1_g"), vector("ln1_b"))
    wide = jax.nn.gelu(times(states, "f"), approximate=False)
    return _norm(states + times(wide, "p"), vector("ln2_g"), vector("ln2_b"))


def _norm(states: Any, gain: Any, bias: Any) -> Any:
    centred = states - states.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + EPSILON) * gain + bias
