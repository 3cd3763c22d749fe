"""A text as words: folded so that spelling tricks do not matter, each with its place in the original.

The place of a word is always that in the text as it was submitted, whatever folding did to its length.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# What is common in English texts and one character for one: most texts are then ASCII, which is the fast way.
PLAIN = str.maketrans("‘’ʼ´“”„–—…•£€\u00a0é", "''''\"\"\"--.\n   e")  # noqa: RUF001 - these are what is replaced
# One pass, no nested repeats: a contraction, a word, a number, an age's bracket or comma, a break between clauses
# or between sentences.
TOKEN = re.compile(
    r"(?P<nt>[a-z]{1,6}n't\b)|(?P<word>[^\W\d_]+)|(?P<number>\d+)|(?P<age>[(,](?=\s?\d\d?\s?[,.);]))"
    r"|(?P<comma>[,:])|(?P<stop>[.!?]+(?=\s|$|[\"')])|[\n;•*])",
)
AGE = "("  # "Ellie (13)" and "Ellie, 13, ..." are the same to a phrase
# Ages, and the years that are past enough for what happened then not to be happening now.
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
        if kind == "comma" or kind == "stop":  # noqa: PLR1714 - the hottest line here, and faster so
            clause += 1
            first = _end_sentence(words, first) if kind == "stop" else first
            continue
        clause += kind == "age"
        words.keys.append(_keys(match[0], kind, spellings))
        words.starts.append(match.start())
        words.ends.append(match.end())
        words.clauses.append(clause)
    _end_sentence(words, first)
    if places:
        words.starts[:] = [places[start] for start in words.starts]
        words.ends[:] = [places[end - 1] + 1 for end in words.ends]
    return words


def _end_sentence(words: Words, first: int) -> int:
    """Note where the sentence that began at a word began and ended; return where the next one begins."""
    end = len(words.keys)
    words.sentence_starts.extend([first] * (end - first))
    words.sentence_ends.extend([end] * (end - first))
    return end


def _fold(text: str) -> tuple[str, list[int] | None]:
    """Return the text in lower case without accents and invisible characters, and each character's place."""
    text = text.translate(PLAIN) if not text.isascii() else text
    if text.isascii():
        return text.lower(), None
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        plain = character.lower() if character.isascii() else _fold_character(character)
        folded.append(plain)
        places.extend([at] * len(plain))
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).lower()
    return "".join(c for c in plain if not unicodedata.category(c).startswith(("M", "Cf")))


def _keys(token: str, kind: str | None, spellings: dict[str, str]) -> tuple[str, ...]:
    if kind == "word":
        return _NUMBERS.get(token) or (spellings.get(token, token),)
    if kind == "number":
        return _number_keys(token)
    return (AGE,) if kind == "age" else (token.replace("'", ""),)


@lru_cache(maxsize=4096)
def _number_keys(digits: str) -> tuple[str, ...]:
    number = int(digits) if digits.isascii() and len(digits) <= LONGEST_NUMBER else -1
    return (digits, "#number", *(name for name, values in KINDS.items() if number in values))


_NUMBERS = {word: (word, *_number_keys(str(number))[1:]) for number, word in enumerate(WRITTEN.split(), 2)}
