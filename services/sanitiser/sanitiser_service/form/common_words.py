"""Words that name nobody by themselves: what profile, matcher and leak check all know of ordinary words and titles.

One list of each, for whoever has lists of their own will disagree: "nurse" was a title in one and a name in another.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_DATA = Path(__file__).parents[1] / "matcher" / "data"


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
# Titles that people have as given names, too: they stay before a single name.
GIVEN_TITLES = words_of("given_titles.txt")
TITLE_WORDS = words_of("title_words.txt")
ENDINGS = words_of("name_endings.txt")
_KEPT_BEFORE_ONE = GIVEN_TITLES | ENDINGS
_BEFORE_NAMES = TITLES | _KEPT_BEFORE_ONE


def without_titles(words: list[T], spelled: Callable[[T], str]) -> list[T]:
    """Return the words of a name, spelled in small letters, without its titles; one that ends a name is part of it."""
    named = [word for at, word in enumerate(words) if not (at and spelled(word) in ENDINGS)]
    kept = [word for word in named if spelled(word) not in BARE_TITLES] or named
    return kept[_titles_before([spelled(word) for word in kept]) :]


def with_plain_endings(name: str) -> str:
    """Return a name with degrees and the like as one word each: "Ph.D." as PhD, "BSc(Hons)" as two."""
    words = name.replace("(", " (").split()
    return " ".join(
        plain if (plain := word.replace(".", "").strip("(),")).casefold() in ENDINGS else word for word in words
    )


def titles_of(words: list[str]) -> list[str]:
    """Return the titles before a name that may be names, too."""
    kept = [word for word in words if word not in BARE_TITLES]
    return [word for word in kept[: len(kept) - len(without_titles(kept, str))] if word in _BEFORE_NAMES]


def _titles_before(words: list[str]) -> int:
    """Return how many words before a name are its titles."""
    count = 0
    while count < len(words) - 1 and (
        words[count] in _BEFORE_NAMES or (words[count] in TITLE_WORDS and _is_title_word(words[count + 1]))
    ):
        count += 1
    follow = sum(len(word) > 1 for word in words[count:])
    return count - (follow == 1 and count > 0 and words[count - 1] in _KEPT_BEFORE_ONE)


def _is_title_word(word: str) -> bool:
    return word in _BEFORE_NAMES or word in TITLE_WORDS
