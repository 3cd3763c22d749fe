"""Applies spelling rules in order: a table of patterns turns the spelling of a name into a key for its sound."""

import re
from collections.abc import Iterable

Rules = tuple[tuple[re.Pattern[str], str], ...]


def rules_of(pairs: Iterable[tuple[str, str]]) -> Rules:
    """Return patterns with their replacements, compiled."""
    return tuple((re.compile(pattern), sound) for pattern, sound in pairs)


def respelled(name: str, rules: Rules) -> str:
    """Return a name after all rules, applied in order."""
    for pattern, sound in rules:
        name = pattern.sub(sound, name)
    return name


def each_letter_once(text: str) -> str:
    """Return a text with repeated letters once."""
    return "".join(letter for at, letter in enumerate(text) if at == 0 or text[at - 1] != letter)
