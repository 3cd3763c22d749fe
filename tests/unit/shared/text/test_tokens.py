"""Tokens: words with their places, and the clauses and sentences that they stand in."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.text.tokens import (
    CLAUSE,
    JOINED,
    LINE,
    SENTENCE,
    bounds_of,
    breaks_of,
    part_numbers,
    tokens_of,
)

WORD = re.compile(r"([^\W_]+)")
BREAKS = st.lists(st.sampled_from([JOINED, CLAUSE, SENTENCE, LINE]), max_size=30)


def break_in(gap: str) -> int:
    return SENTENCE if "." in gap else CLAUSE if "," in gap else JOINED


def test_words_have_places_and_gaps() -> None:
    words, starts, ends, gaps = tokens_of("(so), he ran.", WORD)
    assert words == ["so", "he", "ran"]
    assert (starts, ends) == ([1, 6, 9], [3, 8, 12])
    assert gaps == ["), ", " ", "."]


def test_a_text_without_words_has_none() -> None:
    assert tokens_of("", WORD) == ([], [], [], [])
    assert tokens_of("?!", WORD) == ([], [], [], [])
    assert part_numbers([], CLAUSE) == []
    assert bounds_of([], SENTENCE) == ([], [])


def test_words_know_their_clause_and_their_sentence() -> None:
    breaks = breaks_of(tokens_of("He ran, she hid. Nobody came.", WORD).gaps, break_in)
    assert breaks == [JOINED, CLAUSE, JOINED, SENTENCE, JOINED, SENTENCE]
    assert part_numbers(breaks, CLAUSE) == [0, 0, 1, 1, 2, 2]
    assert part_numbers(breaks, SENTENCE) == [0, 0, 0, 0, 1, 1]
    assert bounds_of(breaks, SENTENCE) == ([0, 0, 0, 0, 4, 4], [4, 4, 4, 4, 6, 6])


def test_nothing_ends_in_a_single_space_whatever_a_reader_says() -> None:
    assert breaks_of([" ", "  "], lambda _: LINE) == [JOINED, LINE]


@given(text=st.text(max_size=80))
def test_words_and_gaps_are_the_whole_text(text: str) -> None:
    tokens = tokens_of(text, WORD)
    assert [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words
    behind = [*tokens.starts[1:], len(text)][: len(tokens.ends)]
    assert [text[end:start] for end, start in zip(tokens.ends, behind, strict=True)] == tokens.gaps


@given(breaks=BREAKS, least=st.sampled_from([CLAUSE, SENTENCE, LINE]))
def test_words_with_one_number_have_the_same_bounds(breaks: list[int], least: int) -> None:
    numbers = part_numbers(breaks, least)
    firsts, afters = bounds_of(breaks, least)
    assert len(numbers) == len(firsts) == len(afters) == len(breaks)
    for at, number in enumerate(numbers):
        assert [n for n, one in enumerate(numbers) if one == number] == [*range(firsts[at], afters[at])]


@pytest.mark.parametrize("text", ["a", "a ", "a.", "?", "a, ", "\n"])
def test_time_grows_with_the_length_of_a_text(text: str) -> None:
    begin = time.process_time()
    tokens = tokens_of(text * 100_000, WORD)
    breaks = breaks_of(tokens.gaps, break_in)
    bounds_of(breaks, SENTENCE)
    part_numbers(breaks, CLAUSE)
    assert time.process_time() - begin < 2
