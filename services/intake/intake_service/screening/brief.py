"""Recognises other languages in short texts and quoted passages, which have too few words to weigh (`languages.py`).

The words between two marks are in one language. In another script they are not English. In Latin letters they are not
English when hardly any of them is and at least one is on another language's list. Names alone say nothing.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

BREAK = re.compile(r"""[.!?\n:;"“”«»()]|(?<!\w)['‘’]|['‘’](?!\w)|\s[-–—]+\s""")  # noqa: RUF001 - these part passages
MOST_WORDS = 12
FEWEST_QUOTED = 3  # words of a passage beside English ones
FEWEST_SURE = 2  # of those, that another language's list has
FEWEST_STRANGE = 3  # words that English has not, where there is one that it has
LONG_ALONE = 5  # letters of a word that is a text by itself
ENGLISH_ALLOWED = 4  # one word in so many may be English too, among enough that are not


class Passage(NamedTuple):
    """What is not English, from `start` up to, not including, `end`."""

    start: int
    end: int


class Weight(NamedTuple):
    """What a word says for another language, or, below nothing, for English."""

    weight: float
    words: float  # how many words it stands for
    is_sure: bool  # a script, a list or an accent speaks for another language


class Word(NamedTuple):
    """A word in its place."""

    start: int
    end: int
    said: Weight
    is_script: bool  # not in Latin letters


ENGLISH = -1.0  # what a plain English word weighs
NOTHING = Weight(0.0, 0, is_sure=False)


def find_brief(text: str, words: Sequence[Word]) -> Iterator[Passage]:
    """Yield the short passages of a text, perhaps the whole of it, that are not English."""
    if not any(word.said.is_sure for word in words):
        return  # as in most texts
    for spoken in _between_marks(text, words):
        is_whole = len(spoken) == len(words)
        if _is_mostly_script(text, spoken, is_whole=is_whole) or _is_other_latin(spoken, is_whole=is_whole):
            yield Passage(spoken[0].start, spoken[-1].end)


def _between_marks(text: str, words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    first = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or BREAK.search(text, max(words[at - 1].end - 1, 0), words[at].start + 1):
            yield words[first:at]
            first = at


def _is_mostly_script(text: str, passage: Sequence[Word], *, is_whole: bool) -> bool:
    """Tell whether most letters are of another script; capitalised words are a name."""
    strange = [word for word in passage if word.is_script]
    letters = sum(word.end - word.start for word in strange)
    if letters * 2 <= sum(word.end - word.start for word in passage):
        return False
    are_names = all(text[word.start : word.end].istitle() for word in strange)
    return letters > 1 and not (are_names and (len(strange) > 1 or not is_whole))


def _is_other_latin(passage: Sequence[Word], *, is_whole: bool) -> bool:
    """Tell whether hardly a word of a short passage is English, and one at least is known to be of another language."""
    sure = sum(word.said.is_sure and not word.is_script for word in passage)
    if not sure or len(passage) > MOST_WORDS or _is_partly_english(passage, sure):
        return False
    if not is_whole:
        return len(passage) >= FEWEST_QUOTED and sure >= FEWEST_SURE
    spoken = sum(word.said.words > 0 for word in passage)
    return spoken > 1 or passage[0].end - passage[0].start >= LONG_ALONE


def _is_partly_english(passage: Sequence[Word], sure: int) -> bool:
    """Tell whether more is English than a word or two among others; one before or behind them says who spoke."""
    telling = [word.said.weight for word in passage if word.said.weight > 0 or word.said.weight <= ENGLISH]
    english = sum(weight < 0 for weight in telling)
    is_among_others = telling[0] > 0 < telling[-1] and english < sure and len(telling) - english >= FEWEST_STRANGE
    return english > 0 and not (is_among_others and english * ENGLISH_ALLOWED <= len(passage))
