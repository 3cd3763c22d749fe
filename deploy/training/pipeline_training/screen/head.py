"""Fits the head: what the encoder's states of a text say about danger.

The head has a few queries. Each looks through the tokens for what it knows (a softmax), and adds the value of what it
found; the mean of all tokens adds its own. So a danger named once counts in a text about other things, and the tokens
that added most can be shown. It is fitted by Adam (Kingma and Ba 2015), with the same numbers on every run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake_service.screening.encoder_head import Head
from pipeline_training.screen.fitting import Example, States

QUERIES = 8
EPOCHS, BATCH, RATE = 10, 64, 3e-3
KEPT = 0.8  # share of the encoder's numbers that a text keeps in a step, so that no single one decides
DECAY = {"queries": 2.7e-5, "values": 3e-4, "means": 2.7e-5, "constant": 0.0}  # the price of large numbers
SHARPNESS = 0.2  # of the softmax at the start
FIRST_MOMENT, SECOND_MOMENT, TINY = 0.9, 0.99, 1e-6
SEED = 2026

Numbers = NDArray[np.float32]
Parameters = dict[str, Numbers]


@dataclass(frozen=True, slots=True)
class _Batch:
    states: Numbers  # [tokens of all texts, width]
    starts: NDArray[np.intp]  # the first token of each text
    owner: NDArray[np.intp]  # the text of each token
    signs: Numbers  # 1 for a HIGH text, else -1


def fit_head(examples: Sequence[Example]) -> Head:
    """Return the head that tells these texts apart best."""
    every = [np.concatenate(one.states) for one in examples]
    sample = np.concatenate(every[::4]).astype(np.float32)
    centre, spread = sample.mean(0), sample.std(0) + np.float32(TINY)
    texts = [((states - centre) / spread).astype(np.float16) for states in every]  # half the memory
    signs = np.array([1 if one.text.high else -1 for one in examples], np.float32)
    return _as_head(_descend(texts, signs), centre, spread)


def _descend(texts: Sequence[States], signs: Numbers) -> Parameters:
    chance = np.random.default_rng(SEED)
    width = texts[0].shape[1]
    now: Parameters = {
        "queries": chance.standard_normal((width, QUERIES), np.float32) * np.float32(0.05),
        "values": chance.standard_normal((width, QUERIES), np.float32) * np.float32(0.01),
        "means": np.zeros(width, np.float32),
        "constant": np.zeros(1, np.float32),
    }
    first = {name: np.zeros_like(value) for name, value in now.items()}
    second = {name: np.zeros_like(value) for name, value in now.items()}
    steps = EPOCHS * -(-len(texts) // BATCH)
    for step, batch in enumerate(_batches(texts, signs, chance), 1):
        rate = RATE * (1 - step / (steps + 1))
        for name, slope in _slopes(now, batch).items():
            first[name] = (FIRST_MOMENT * first[name] + (1 - FIRST_MOMENT) * slope).astype(np.float32)
            second[name] = (SECOND_MOMENT * second[name] + (1 - SECOND_MOMENT) * slope**2).astype(np.float32)
            size = np.sqrt(second[name] / (1 - SECOND_MOMENT**step)) + TINY
            now[name] = (now[name] - rate * first[name] / (1 - FIRST_MOMENT**step) / size).astype(np.float32)
    return now


def _batches(texts: Sequence[States], signs: Numbers, chance: np.random.Generator) -> Iterator[_Batch]:
    for _ in range(EPOCHS):
        order = chance.permutation(len(texts))
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            lengths = [len(texts[one]) for one in chosen]
            owner = np.repeat(np.arange(len(chosen)), lengths)
            kept = (chance.random((len(chosen), texts[0].shape[1]), np.float32) < KEPT) / np.float32(KEPT)
            states = np.concatenate([texts[one] for one in chosen]) * kept.astype(np.float32)[owner]
            yield _Batch(states, np.cumsum([0, *lengths[:-1]]), owner, signs[chosen])


def _slopes(now: Parameters, batch: _Batch) -> Parameters:
    """Return the gradient of the mean logistic loss with the price of large numbers."""
    states, owner = batch.states, batch.owner
    looks = SHARPNESS * (states @ now["queries"])
    looks = np.exp(looks - np.maximum.reduceat(looks, batch.starts)[owner])
    looks /= np.add.reduceat(looks, batch.starts)[owner]
    values = states @ now["values"]
    found = np.add.reduceat(looks * values, batch.starts)
    means = np.add.reduceat(states, batch.starts) / np.bincount(owner).astype(np.float32)[:, None]
    scores = found.sum(1) + means @ now["means"] + now["constant"]
    wrong = -batch.signs / (1 + np.exp(batch.signs * scores)) / len(batch.signs)
    weighed = looks * wrong[owner][:, None]
    slopes = {
        "queries": SHARPNESS * (states.T @ (weighed * (values - found[owner]))),
        "values": states.T @ weighed,
        "means": means.T @ wrong,
        "constant": wrong.sum(keepdims=True),
    }
    return {name: slope + 2 * DECAY[name] * now[name] for name, slope in slopes.items()}


def _as_head(found: Parameters, centre: Numbers, spread: Numbers) -> Head:
    """Return the head for states as they are: centre and spread are moved into its numbers."""
    values, means = found["values"] / spread[:, None], found["means"] / spread
    constant = float(found["constant"][0] - (centre @ values).sum() - centre @ means)
    return Head(SHARPNESS * found["queries"] / spread[:, None], values, means, constant)
