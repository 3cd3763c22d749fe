"""Finding listed phrases in a text: by their first two words, so that a text without any costs one look-up a word."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count, pairwise
from typing import Generic, TypeVar

T = TypeVar("T")


class PhraseTable(Generic[T]):
    """Phrases of two words and more, each with what it means."""

    def __init__(self, phrases: Iterable[tuple[Sequence[str], T]]) -> None:
        self._rests: dict[tuple[str, str], list[tuple[list[str], T]]] = {}
        for (first, second, *rest), meaning in phrases:
            self._rests.setdefault((first, second), []).append((rest, meaning))

    def find(self, keys: list[str]) -> Iterator[tuple[int, int, T]]:
        """Yield where phrases begin in a text's words, how many words they have, and what they mean."""
        rests = self._rests
        for at in compress(count(), map(rests.__contains__, pairwise(keys))):
            for rest, meaning in rests[keys[at], keys[at + 1]]:
                if not rest or keys[at + 2 : at + 2 + len(rest)] == rest:
                    yield at, 2 + len(rest), meaning
