"""Lists of ordinary words, and the files that contain them; used by the profile, the matcher and the leak check.

The leak check uses only the reading of these files from `pipeline_shared.text`. It reads texts with code of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline_shared.text import lexicon

DATA = Path(__file__).parents[1] / "matcher" / "data"


def data_of(name: str) -> str:
    """Return the text of a data file."""
    return (DATA / name).read_text(encoding="utf-8")


def lines_of(name: str) -> Iterator[str]:
    """Return the lines of a data file that contain data."""
    return lexicon.lines_of(data_of(name))


def words_of(name: str) -> frozenset[str]:
    """Return the words of a data file."""
    return lexicon.words_of(data_of(name))


def word_sets_of(name: str) -> dict[str, frozenset[str]]:
    """Return the words of each section of a data file."""
    return lexicon.word_sets_of(data_of(name))


WORDS = words_of("words.txt")
