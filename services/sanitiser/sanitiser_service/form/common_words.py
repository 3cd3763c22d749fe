"""Words that name nobody by themselves, and how the lists of words are read: for profile, matcher and leak check."""

from collections.abc import Iterator
from pathlib import Path

_DATA = Path(__file__).parents[1] / "matcher" / "data"


def lines_of(name: str) -> Iterator[str]:
    """Return the lines of a data file that hold data."""
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def words_of(name: str) -> frozenset[str]:
    """Return the words of a data file."""
    return frozenset(word for line in lines_of(name) for word in line.split())


def word_sets_of(name: str) -> dict[str, frozenset[str]]:
    """Return the words of each section of a data file; a section begins with its name in square brackets."""
    sets: dict[str, set[str]] = {}
    section = ""
    for line in lines_of(name):
        if line.startswith("["):
            section = line.strip("[]")
        else:
            sets.setdefault(section, set()).update(line.split())
    return {section: frozenset(words) for section, words in sets.items()}


WORDS = words_of("words.txt")
