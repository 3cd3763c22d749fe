"""Reads word lists: plain text files that the intelligence unit owns. A line that begins with "#" is a comment.

This module only splits the lists; each reader gives them their meaning. Nothing here comes from a submission.
"""

from collections.abc import Iterator


class LexiconError(Exception):
    """A word list or a file of weights is invalid; the message gives the place and the problem."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


def lines_of(text: str) -> Iterator[str]:
    """Return the data lines of a file's text."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def words_of(text: str) -> frozenset[str]:
    """Return the words of a file's text."""
    return frozenset(word for line in lines_of(text) for word in line.split())


def sections_of(text: str) -> Iterator[tuple[str, str]]:
    """Return each data line with the name of its section. A line in brackets starts a section."""
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
    """Return the entries of a line, separated by commas."""
    return tuple(entry.strip() for entry in line.split(",") if entry.strip())
