"""Finds listed phrases in a text by their first two words, at the cost of one look-up for each word of the text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count, pairwise
from typing import Generic, TypeVar

T = TypeVar("T")


class PhraseTable(Generic[T]):
    """Phrases of two words or more, each with its meaning."""

    def __init__(self, phrases: Iterable[tuple[Sequence[str], T]]) -> None:
        self._rests: dict[tuple[str, str], list[tuple[list[str], T]]] = {}
        for (first, second, *rest), meaning in phrases:
            self._rests.setdefault((first, second), []).append((rest, meaning))

    def find(self, keys: list[str]) -> Iterator[tuple[int, int, T]]:
        """Yield the position, the number of words and the meaning of each listed phrase in a text."""
        rests = self._rests
        for at in compress(count(), map(rests.__contains__, pairwise(keys))):
            for rest, meaning in rests[keys[at], keys[at + 1]]:
                if not rest or keys[at + 2 : at + 2 + len(rest)] == rest:
                    yield at, 2 + len(rest), meaning
