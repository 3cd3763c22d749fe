"""Reading word lists: plain text that the intelligence unit owns. A line that begins with "#" is a comment.

What a list means is the reader's: this only takes it apart. Nothing here comes from a submission.
"""

from collections.abc import Iterator


class LexiconError(Exception):
    """A list or a file of weights cannot be trusted; says where and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


def lines_of(text: str) -> Iterator[str]:
    """Return the lines of a file's text that hold data."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def words_of(text: str) -> frozenset[str]:
    """Return the words of a file's text."""
    return frozenset(word for line in lines_of(text) for word in line.split())


def sections_of(text: str) -> Iterator[tuple[str, str]]:
    """Return each line of a file's text with the name of its section, which stands in brackets on a line of its own."""
    section = ""
    for line in lines_of(text):
        if line.startswith("["):
            section = line.strip("[]")
        else:
            yield section, line


def word_sets_of(text: str) -> dict[str, frozenset[str]]:
    """Return the words of each section of a file's text."""
    sets: dict[str, set[str]] = {}
    for section, line in sections_of(text):
        sets.setdefault(section, set()).update(line.split())
    return {section: frozenset(words) for section, words in sets.items()}


def entries_of(line: str) -> tuple[str, ...]:
    """Return the entries of a line, which commas part."""
    return tuple(entry.strip() for entry in line.split(",") if entry.strip())
