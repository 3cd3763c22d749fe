"""Prints values that a service or an agency wrote: none of them may control the terminal."""

from rich.text import Text


def plain(value: object) -> str:
    """Return a value as one line; characters that do not print are escaped."""
    text = "-" if value is None else str(value)
    return text if text.isprintable() else repr(text)[1:-1]


def cell(value: object) -> Text:
    """Return a value for a cell of a table, without markup."""
    return Text(plain(value))
