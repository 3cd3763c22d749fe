"""Words that name nobody by themselves: what profile, matcher and leak check all know of ordinary words and titles.

One list of each, for whoever has lists of their own will disagree: "nurse" was a title in one and a name in another.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_DATA = Path(__file__).parent / "sanitising" / "data"


def lines_of(name: str) -> Iterator[str]:
    """Return the lines of a data file that hold data."""
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def words_of(name: str) -> frozenset[str]:
    """Return the words of a data file."""
    return frozenset(word for line in lines_of(name) for word in line.split())


WORDS = words_of("words.txt")
TITLES = words_of("titles.txt")
# Titles that nobody has as a name: they go wherever they stand in one.
BARE_TITLES = words_of("bare_titles.txt")


def without_titles(words: list[T], spelled: Callable[[T], str]) -> list[T]:
    """Return the words of a name, spelled in small letters, without its titles; one that ends a name is part of it."""
    kept = [word for word in words if spelled(word) not in BARE_TITLES] or words
    first = next((at for at, word in enumerate(kept[:-1]) if spelled(word) not in TITLES), len(kept) - 1)
    return kept[max(0, first) :]
