"""Splits a text into words. Words are folded against spelling tricks and keep their positions in the original text.

A position always refers to the submitted text, even when folding changes its length.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pipeline_shared.text.fold import fold_text
from pipeline_shared.text.tokens import CLAUSE, JOINED, SENTENCE, bounds_of, breaks_of, part_numbers, tokens_of

# Common characters in English texts, replaced one for one, so that most texts keep their length.
PLAIN = dict(zip("‘’ʼ´“”„–—…•£€\u00a0é", "''''\"\"\"--.\n   e", strict=True))  # noqa: RUF001 - these are what is replaced
# One pass without nested repeats: a contraction, a word, a number, or a bracket or comma before an age.
WORD = re.compile(r"([a-z]{1,6}n't\b|[^\W\d_]+|\d+|[(,](?=\s?\d\d?\s?[,.);]))")
SENTENCE_END = re.compile(r"[.!?]+(?=[\s\"')])|[\n;•*]")
AGE = "("  # phrases treat "Ellie (13)" and "Ellie, 13, ..." alike
AGE_MARKS = frozenset("(,")
# Kinds of numbers: ages, and years long enough ago that the event is over.
KINDS = {
    "#small": range(5),
    "#child": range(5, 18),
    "#adult": range(18, 70),
    "#old": range(70, 105),
    "#past": range(1900, 2022),
}
LONGEST_NUMBER = 4
WRITTEN = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: their look-up keys, positions and clauses, and the ends of their sentences."""

    keys: list[tuple[str, ...]]
    starts: list[int]
    ends: list[int]
    clauses: list[int]
    sentence_starts: list[int]
    sentence_ends: list[int]


def read_words(text: str, spellings: dict[str, str]) -> Words:
    """Return the words of a text."""
    folded = fold_text(text, fold_character)
    words, starts, ends, gaps = tokens_of(folded.text, WORD)
    keys = [
        _NUMBERS.get(word) or (spellings.get(word, word),) if word.isalpha() else _keys_of_other(word) for word in words
    ]
    breaks = breaks_of(gaps, _break_in)
    for at in [at for at, word in enumerate(words) if word in AGE_MARKS and at]:
        breaks[at - 1] = max(breaks[at - 1], CLAUSE)
    sentence_starts, sentence_ends = bounds_of(breaks, SENTENCE)
    return Words(
        keys, folded.starts(starts), folded.ends(ends), part_numbers(breaks, CLAUSE), sentence_starts, sentence_ends
    )


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Return a character in lower case without accents; empty for an invisible character."""
    if character.isascii():
        return character.lower()
    if character in PLAIN:
        return PLAIN[character]
    plain = unicodedata.normalize("NFKD", character).lower()
    return "".join(c for c in plain if not unicodedata.category(c).startswith(("M", "Cf")))


@lru_cache(maxsize=1024)
def _break_in(gap: str) -> int:
    if SENTENCE_END.search(gap):
        return SENTENCE
    return CLAUSE if "," in gap or ":" in gap else JOINED


@lru_cache(maxsize=4096)
def _keys_of_other(token: str) -> tuple[str, ...]:
    """Return the look-up keys of a token that is not only letters: a number, the mark of an age, a contraction."""
    if token in AGE_MARKS:
        return (AGE,)
    return _number_keys(token) if token[0].isdecimal() else (token.replace("'", ""),)


def _number_keys(digits: str) -> tuple[str, ...]:
    number = int(digits) if digits.isascii() and len(digits) <= LONGEST_NUMBER else -1
    return (digits, "#number", *(name for name, values in KINDS.items() if number in values))


_NUMBERS = {word: (word, *_number_keys(str(number))[1:]) for number, word in enumerate(WRITTEN.split(), 2)}
