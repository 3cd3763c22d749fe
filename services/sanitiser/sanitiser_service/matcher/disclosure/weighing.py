"""Computes the weight of each phrase from fitted weights of its words and of the classes in and around it.

`pipeline_training/indirect_identifiers.py` fits the weights; like the words, they are data. The classes of a phrase are
bits, and weights are looked up eight bits at a time, which keeps weighing cheap.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise, repeat
from operator import add, getitem

from pipeline_shared.text.linear_model import read_linear_model, total, weights_of_kind
from sanitiser_service.form.common_words import data_of
from sanitiser_service.matcher.disclosure.phrases import BIT, CLASSES, NAMES, Phrase
from sanitiser_service.matcher.text.reading import Reading

# A tuple keeps the order: sums in the order of a set differ in the last digit between runs, and so may the choice.
_SPEAKERS = ("me", "us", "third", "they", "source", "after_source", "like_source")
WORD, PAIR = "w:", "p:"
_SPEAKER_BITS = sum(BIT[name] for name in _SPEAKERS)


WEIGHTS: dict[str, float] = {}
_WORD_WEIGHTS: dict[str, float] = {}
_PAIR_WEIGHTS: dict[str, dict[str, float]] = {}


def weigh_by(weights: Mapping[str, float]) -> None:
    """Use these weights from now on."""
    for held, kind in ((WEIGHTS, ""), (_WORD_WEIGHTS, WORD)):
        held.clear()
        held.update(weights_of_kind(weights, kind))
    _PAIR_WEIGHTS.clear()
    for pair, weight in weights_of_kind(weights, PAIR).items():
        one, two = pair.split("+")
        _PAIR_WEIGHTS.setdefault(one, {})[two] = weight
    for cached in (_weights_of, _tables, reason_of):
        cached.cache_clear()


@contextmanager
def weighed_by(weights: Mapping[str, float]) -> Generator[None]:
    """Use other weights temporarily; the evaluation weighs each text with weights that were not fitted on it."""
    own = dict(WEIGHTS)
    weigh_by(weights)
    try:
        yield
    finally:
        weigh_by(own)


def scores_of(reading: Reading, phrases: Sequence[Phrase], masks: Sequence[int]) -> list[float]:
    """Return the weight of each phrase."""
    if not phrases:
        return []
    around = [
        _weight("sentence", mask) + _weight("sentence_before", before) for mask, before in _sentences(phrases, masks)
    ]
    words = list(map(_WORD_WEIGHTS.get, reading.keys, repeat(0.0)))
    pairs = [0.0] * len(reading)
    for at in reading.places_of(_PAIR_WEIGHTS):
        if at + 1 < len(pairs):
            pairs[at] = _PAIR_WEIGHTS[reading.keys[at]].get(reading.keys[at + 1], 0.0)
    here, before, after = zip(*map(_weights_of, masks), strict=True)
    own = map(add, map(add, (0.0, *before[:-1]), here), (*after[1:], 0.0))
    return [
        weight + around[sentence] + sum(words[first : last + 1]) + sum(pairs[first:last])
        for weight, (first, last, sentence) in zip(own, phrases, strict=True)
    ]


@lru_cache(maxsize=32768)
def _weights_of(mask: int) -> tuple[float, float, float]:
    """Return the weights of a phrase's bits for the phrase itself, for the next phrase and for the previous one."""
    return _weight("here", mask), _weight("before", mask), _weight("after", mask)


def words_of(keys: Sequence[str]) -> set[str]:
    """Return the names of the features of a phrase's words."""
    return {f"{WORD}{key}" for key in keys if key.isalpha()} | {
        f"{PAIR}{one}+{two}" for one, two in pairwise(keys) if one.isalpha() and two.isalpha()
    }


def _sentences(phrases: Sequence[Phrase], masks: Sequence[int]) -> list[tuple[int, int]]:
    """Return the bits of each sentence and of the sentence before it."""
    sentences = [0] * (phrases[-1].sentence + 1 if phrases else 0)
    for (_, _, sentence), mask in zip(phrases, masks, strict=True):
        sentences[sentence] |= mask
    return list(zip(sentences, [0, *sentences], strict=False))


def sides_of(phrases: Sequence[Phrase], masks: Sequence[int]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Yield the bits of each phrase, its neighbours and its sentence, as `scores_of` weighs them; used for fitting."""
    sentences = _sentences(phrases, masks)
    padded = [0, *masks, 0]
    for at, phrase in enumerate(phrases):
        sentence, sentence_before = sentences[phrase.sentence]
        yield (
            ("here", masks[at]),
            ("before", padded[at]),
            ("after", padded[at + 2]),
            ("sentence", sentence),
            ("sentence_before", sentence_before),
        )


def _weight(side: str, mask: int) -> float:
    """Return the weight of a side's bits, looked up eight bits at a time."""
    tables = _tables(side, mask & _SPEAKER_BITS if side == "here" else 0)
    return sum(map(getitem, tables, mask.to_bytes(len(tables), "little")))


@lru_cache(maxsize=1024)
def _tables(side: str, speakers: int) -> tuple[tuple[float, ...], ...]:
    """Return a table for each eight bits: the weight of every combination of them, given certain speakers."""
    singles = [_weight_of_bit(side, name, speakers) for name in NAMES]
    tables = [_combinations(singles[first : first + 8]) for first in range(0, len(singles), 8)]
    always = WEIGHTS.get("here:always", 0.0) if side == "here" else 0.0
    return (tuple(weight + always for weight in tables[0]), *tables[1:])


def _weight_of_bit(side: str, name: str, speakers: int) -> float:
    weight = WEIGHTS.get(f"{side}:{name}", 0.0)
    beside = [one for one in _SPEAKERS if speakers & BIT[one] and one != name]
    return weight + total(WEIGHTS, [f"here:{one}+{name}" for one in beside])


def _combinations(singles: list[float]) -> tuple[float, ...]:
    weights = [0.0]
    for single in singles:
        weights += [weight + single for weight in weights]
    return (*weights, *[0.0] * (256 - len(weights)))


def features_of(side: str, mask: int) -> list[str]:
    """Return the names of the features of one side of a phrase."""
    names = [name for name in NAMES if mask & BIT[name]]
    features = [f"{side}:{name}" for name in names]
    if side == "here":
        speakers = [name for name in names if name in _SPEAKERS]
        features += [f"here:{one}+{other}" for one in speakers for other in names if other != one]
        features.append("here:always")
    return features


@lru_cache(maxsize=8192)
def reason_of(mask: int) -> str:
    """Return the class with the highest weight in a phrase, which is the reason that a page shows for the flag."""
    names = [name for name in CLASSES if mask & BIT[name]]
    return max(names, key=lambda name: WEIGHTS.get(f"here:{name}", 0.0), default="context")


weigh_by(read_linear_model("weights.txt", data_of("weights.txt")).weights)
