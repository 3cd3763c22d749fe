"""Divides a text into its sentences, as a person reads them: places in the original text.

A line that goes on in small letters belongs to the sentence before it. A sentence that is too long to decide at once is
divided at a comma.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline_shared.text.tokens import CLAUSE, LINE, SENTENCE
from sanitiser_service.matcher.text.reading import LOWER, Reading

LONG, LONGEST = 30, 60  # words: after LONG a comma ends a sentence, after LONGEST any word does


class Span(NamedTuple):
    """A place in the original text, by its offsets."""

    start: int
    end: int


def sentences_of(reading: Reading) -> list[Span]:
    """Return the sentences of a text in order, from the first word of each to the end of its last word."""
    spans: list[Span] = []
    first = 0
    for last in _lasts(reading):
        spans.append(Span(*reading.original(first, last)))
        first = last + 1
    return spans


def sentence_at(sentences: Sequence[Span], place: int) -> int:
    """Return the number of the sentence in which a place of the text begins."""
    return max(0, bisect_right(sentences, place, key=lambda span: span.start) - 1)


def _lasts(reading: Reading) -> Iterator[int]:
    """Yield the last word of each sentence."""
    first = 0
    for at, broken in enumerate(reading.breaks):
        size = at - first + 1
        if _ends(reading, at, broken) or size >= LONGEST or (size >= LONG and broken >= CLAUSE):
            yield at
            first = at + 1
    if first < len(reading):
        yield len(reading) - 1


def _ends(reading: Reading, at: int, broken: int) -> bool:
    """Tell whether a sentence ends after a word; a line that a mail program broke goes on in small letters."""
    if broken != LINE:
        return broken >= SENTENCE
    goes_on = (
        at + 1 < len(reading) and reading.cased and reading.cases[at + 1] == LOWER and reading.keys[at + 1].isalpha()
    )
    return not goes_on or reading.gaps[at].strip(" \n\r,") != "" or reading.gaps[at].count("\n") > 1
