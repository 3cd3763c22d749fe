"""Tokens: the words of a folded text with their positions, and the kind of break between two words.

Words are kept in parallel lists, which makes reading fast. One regular expression splits the text, so the time grows
only with the text's length. Each reader decides which characters make a word and which end a clause or a sentence.
"""

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

# The break between a word and the next one, from the weakest to the strongest.
JOINED, CLAUSE, SENTENCE, LINE = 0, 1, 2, 3


class Tokens(NamedTuple):
    """The words of a text, their start and end positions, and the text between each word and the next one."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[str]


def tokens_of(text: str, word: re.Pattern[str]) -> Tokens:
    """Return the words of a text. The pattern must have one group, which matches the whole word."""
    parts = word.split(text)  # gap, word, gap, ..., gap
    offsets = [*accumulate(map(len, parts))]
    return Tokens(words=parts[1::2], starts=offsets[:-1:2], ends=offsets[1::2], gaps=parts[2::2])


def breaks_of(gaps: Sequence[str], break_in: Callable[[str], int]) -> list[int]:
    """Return the break in each gap, as `break_in` classifies it. A single space is no break."""
    return [JOINED if gap == " " else break_in(gap) for gap in gaps]


def part_numbers(breaks: Sequence[int], least: int) -> list[int]:
    """Return the number of each word's part (clause, sentence or line); a break of `least` or more ends a part."""
    return [*accumulate([ends >= least for ends in breaks[:-1]], initial=0)] if breaks else []


def bounds_of(breaks: Sequence[int], least: int) -> tuple[list[int], list[int]]:
    """Return, for each word, the first word of its part (clause, sentence or line) and the word after that part."""
    firsts: list[int] = []
    afters: list[int] = []
    for first, after in pairwise([0, *[at for at, ends in enumerate(breaks, 1) if ends >= least], len(breaks)]):
        firsts += [first] * (after - first)
        afters += [after] * (after - first)
    return firsts, afters
