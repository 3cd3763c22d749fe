"""A text as words: folded so that spelling tricks do not matter, each with its place in the original.

The place of a word is always that in the text as it was submitted, whatever folding did to its length.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

QUOTES = str.maketrans("‘’ʼ`´＇“”„", "''''''\"\"\"")
# One pass, no nested repeats: a contraction, a word, a number, an age's bracket or comma, a break between clauses
# or between sentences.
TOKEN = re.compile(
    r"(?P<nt>[a-z]{1,6}n't\b)|(?P<word>[^\W\d_]+)|(?P<number>\d+)|(?P<age>[(,](?=\s?\d\d?\s?[,.);]))"
    r"|(?P<comma>[,:])|(?P<stop>[.!?]+(?=\s|$|[\"')])|[\n;•*])",
)
EITHER_NAME = "("  # "Ellie (13)" and "Ellie, 13, ..." are the same to a pattern


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words: what each may be looked up as, where it stands, its clause, and where its sentence ends."""

    keys: list[tuple[str, ...]]
    starts: list[int]
    ends: list[int]
    clauses: list[int]
    sentence_starts: list[int]
    sentence_ends: list[int]


def read_words(text: str, spellings: dict[str, str]) -> Words:
    """Return the words of a text."""
    folded, places = _fold(text)
    words = Words([], [], [], [], [], [])
    clause = first = 0
    for match in TOKEN.finditer(folded):
        kind = match.lastgroup
        if kind in {"comma", "stop"}:
            clause += 1
            if kind == "stop":
                first = _end_sentence(words, first)
            continue
        clause += kind == "age"
        words.keys.append(_keys(match[0], kind or "", spellings))
        words.starts.append(places[match.start()] if places else match.start())
        words.ends.append((places[match.end() - 1] if places else match.end() - 1) + 1)
        words.clauses.append(clause)
    _end_sentence(words, first)
    return words


def _end_sentence(words: Words, first: int) -> int:
    """Note where the sentence that began at a word began and ended; return where the next one begins."""
    end = len(words.keys)
    words.sentence_starts.extend([first] * (end - first))
    words.sentence_ends.extend([end] * (end - first))
    return end


def _fold(text: str) -> tuple[str, list[int] | None]:
    """Return the text in lower case without accents and invisible characters, and each character's place."""
    if text.isascii():
        return text.lower(), None
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text.translate(QUOTES)):
        plain = _fold_character(character)
        folded.append(plain)
        places.extend([at] * len(plain))
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).lower()
    return "".join(c for c in plain if not unicodedata.category(c).startswith(("M", "Cf")))


def _keys(token: str, kind: str, spellings: dict[str, str]) -> tuple[str, ...]:
    if kind == "age":
        return (EITHER_NAME,)
    if kind == "number":
        return _number_keys(token)
    word = token.replace("'", "") if kind == "nt" else token
    return _WRITTEN.get(word) or (spellings.get(word, word),)


CHILD, ADULT, OLD, YEARS_PAST = range(5, 18), range(18, 70), range(70, 105), range(1900, 2022)


@lru_cache(maxsize=4096)
def _number_keys(digits: str) -> tuple[str, ...]:
    number = int(digits) if len(digits) <= 4 else -1  # noqa: PLR2004 - longer than a year
    kinds = (("#small", range(5)), ("#child", CHILD), ("#adult", ADULT), ("#old", OLD), ("#past", YEARS_PAST))
    return (digits, "#number", *(name for name, values in kinds if number in values and len(digits) != 3 or number in values and number > 99))


def _written(words: Iterable[str], first: int) -> dict[str, tuple[str, ...]]:
    return {word: (word, *_number_keys(str(number))[1:]) for number, word in enumerate(words, first)}


_WRITTEN = _written("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
                    "seventeen eighteen nineteen twenty".split(), 2)
