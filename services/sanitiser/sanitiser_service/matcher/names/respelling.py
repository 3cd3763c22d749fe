"""Spelling rules in order: how a table of patterns turns a name's spelling into a key for its sound."""

import re
from collections.abc import Iterable

Rules = tuple[tuple[re.Pattern[str], str], ...]


def rules_of(pairs: Iterable[tuple[str, str]]) -> Rules:
    """Return patterns with their replacements, ready to be used."""
    return tuple((re.compile(pattern), sound) for pattern, sound in pairs)


def respelled(name: str, rules: Rules) -> str:
    """Return a name after each rule in turn."""
    for pattern, sound in rules:
        name = pattern.sub(sound, name)
    return name


def each_letter_once(text: str) -> str:
    """Return a text with repeated letters once."""
    return "".join(letter for at, letter in enumerate(text) if at == 0 or text[at - 1] != letter)
