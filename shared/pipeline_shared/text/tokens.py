"""Tokens: the words of a folded text with their places, and what ends between two of them.

Words stand in parallel lists, so that reading costs little. One regular expression splits the text, so that the time
grows with its length and with nothing else. Which characters make a word, and which end a clause or a sentence, is each
reader's own choice.
"""

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

# What ends between a word and the next one, from the weakest to the strongest.
JOINED, CLAUSE, SENTENCE, LINE = 0, 1, 2, 3


class Tokens(NamedTuple):
    """The words of a text, where each starts and ends, and the gap behind it: the text up to the next word."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[str]


def tokens_of(text: str, word: re.Pattern[str]) -> Tokens:
    """Return the words of a text; the pattern has one group, which is the whole word."""
    parts = word.split(text)  # a gap, a word, a gap, ... a gap
    offsets = [*accumulate(map(len, parts))]
    return Tokens(words=parts[1::2], starts=offsets[:-1:2], ends=offsets[1::2], gaps=parts[2::2])


def breaks_of(gaps: Sequence[str], break_in: Callable[[str], int]) -> list[int]:
    """Return what ends in each gap, as `break_in` reads it; in a single space nothing does."""
    return [JOINED if gap == " " else break_in(gap) for gap in gaps]


def part_numbers(breaks: Sequence[int], least: int) -> list[int]:
    """Return the number of each word's clause, or sentence, or line: it ends with a break of `least` or more."""
    return [*accumulate([ends >= least for ends in breaks[:-1]], initial=0)] if breaks else []


def bounds_of(breaks: Sequence[int], least: int) -> tuple[list[int], list[int]]:
    """Return, for each word, the first word of its clause, or sentence, or line, and the word after the last of it."""
    firsts: list[int] = []
    afters: list[int] = []
    for first, after in pairwise([0, *[at for at, ends in enumerate(breaks, 1) if ends >= least], len(breaks)]):
        firsts += [first] * (after - first)
        afters += [after] * (after - first)
    return firsts, afters
