"""Recognises other languages in short texts and quoted passages that have too few words for `languages.py`.

The words between two punctuation marks count as one passage in one language. A passage in another script is not
English. A passage in Latin letters is not English when hardly any word is English and at least one word is on another
language's list. Names alone decide nothing.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

BREAK = re.compile(r"""[.!?\n:;"“”«»()]|(?<!\w)['‘’]|['‘’](?!\w)|\s[-–—]+\s""")  # noqa: RUF001 - these part passages
MOST_WORDS = 12
FEWEST_QUOTED = 3  # words of a passage next to English ones
FEWEST_SURE = 2  # words of it on the list of another language
FEWEST_STRANGE = 3  # words that are not English, in a passage with an English word
LONG_ALONE = 5  # letters of a word that is a whole text
ENGLISH_ALLOWED = 4  # at most one word in this many may be English as well, if enough others are not


class Passage(NamedTuple):
    """A passage that is not English: from `start` up to, not including, `end`."""

    start: int
    end: int


class Weight(NamedTuple):
    """The weight of a word: positive for another language, negative for English."""

    weight: float
    words: float  # how many words it counts as
    is_sure: bool  # another script, a list entry or an accent is evidence of another language


class Word(NamedTuple):
    """A word, its position and its weight."""

    start: int
    end: int
    said: Weight
    is_script: bool  # not in Latin letters


ENGLISH = -1.0  # the weight of a plain English word
NOTHING = Weight(0.0, 0, is_sure=False)


def find_brief(text: str, words: Sequence[Word]) -> Iterator[Passage]:
    """Yield the short passages of a text that are not English; a passage may be the whole text."""
    if not any(word.said.is_sure for word in words):
        return  # the usual case
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
    """Tell whether most letters are of another script and the passage is not a name (capitalised words)."""
    strange = [word for word in passage if word.is_script]
    letters = sum(word.end - word.start for word in strange)
    if letters * 2 <= sum(word.end - word.start for word in passage):
        return False
    are_names = all(text[word.start : word.end].istitle() for word in strange)
    return letters > 1 and not (are_names and (len(strange) > 1 or not is_whole))


def _is_other_latin(passage: Sequence[Word], *, is_whole: bool) -> bool:
    """Tell whether hardly a word of a short passage is English, and at least one is of another language."""
    sure = sum(word.said.is_sure and not word.is_script for word in passage)
    if not sure or len(passage) > MOST_WORDS or _is_partly_english(passage, sure):
        return False
    if not is_whole:
        return len(passage) >= FEWEST_QUOTED and sure >= FEWEST_SURE
    spoken = sum(word.said.words > 0 for word in passage)
    return spoken > 1 or passage[0].end - passage[0].start >= LONG_ALONE


def _is_partly_english(passage: Sequence[Word], sure: int) -> bool:
    """Tell whether the passage has more English than a word or two in the middle of other words."""
    decisive = [word.said.weight for word in passage if word.said.weight > 0 or word.said.weight <= ENGLISH]
    english = sum(weight < 0 for weight in decisive)
    is_among_others = decisive[0] > 0 < decisive[-1] and english < sure and len(decisive) - english >= FEWEST_STRANGE
    return english > 0 and not (is_among_others and english * ENGLISH_ALLOWED <= len(passage))
