"""Recognises text in other languages, which the screen cannot read and reports as not read.

There is no external model. Evidence for another language is a letter that English does not have, a word on that
language's list of frequent words, or an unknown word. Evidence for English is an English word. A passage is reported
when the evidence for another language outweighs the rest. Capitalised words may be names and count for neither side.
`short_passages.py` judges passages of a few words. The time grows in proportion to the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake_service.screening.lexicon import DATA, read_yaml
from intake_service.screening.short_passages import ENGLISH, NOTHING, Passage, Weight, Word, find_brief
from pipeline_shared.text.fold import fold_text
from pipeline_shared.text.lexicon import words_of

FOLDER = DATA / "languages"
ENGLISH_LISTS = ("english.txt", "english_spoken.txt")
# An e-mail address is not a word; then a word, or the end of a sentence.
TOKEN = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}|[^\W\d_]+|[.!?\n]")
ENOUGH = 3.0  # the least weight of a passage
FALL = 3.5  # a passage ends when its weight falls by this much
FEWEST_WORDS, FEWEST_LATIN, FEWEST_SURE = 3, 4, 2  # letters that English does not have need fewer words
MOST_UNSURE = 6  # this many words that are on no list form a passage of their own
MOST_PASSAGES = 3  # per text; more would add no information
LONGEST_WORD = 40
SCRIPT, LISTED, ACCENTED, UNKNOWN, SHORT_UNKNOWN = 2.0, 1.6, 1.2, 0.6, 0.2
BOTH, TELLING_ENGLISH = -0.1, -1.5
UNSPACED_CHARACTER = 1.2  # the weight of one character of a script without spaces between words
# Words that are in nearly every English sentence, and rarely in another language.
TELLING_WORDS = (
    "the and of is was his her she they with from have has had been that this for not you "
    "it were their there which would could should about after before because who what when where says said"
)
TELLING = frozenset(TELLING_WORDS.split())
VOWELS = frozenset("aeiouy")  # an unknown word without vowels is an abbreviation
ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "r", "ly", "y", "in", "ness", "able", "less", "ful", "ment")
SHORTEST_STEM = 3
ACRONYM = 5  # a word of at most this length in capitals may be an acronym
# Letters without a decomposition, in the spelling of an English keyboard.
PLAIN = dict(zip("łøđßıæœðþ", "lodsiaodt", strict=True))
LAST_LATIN = 0x24F
MORE_LATIN = range(0x1E00, 0x1F00)
# Scripts without spaces between words: Thai to Khmer, kana, and Chinese characters.
UNSPACED = (range(0x0E00, 0x0F00), range(0x1000, 0x10A0), range(0x1780, 0x1800), range(0x3040, 0x3100))
CHINESE = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x32000))


class _Languages(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    languages: Annotated[dict[str, str], Field(min_length=1)]


@dataclass(slots=True)
class _Run:
    """The current passage: its weight, and the position of its greatest weight."""

    start: int = 0
    weight: float = 0.0
    words: float = 0.0
    sure: float = 0.0
    strange: float = 0.0
    best: float = 0.0
    best_end: int = 0
    is_enough: bool = False

    def add(self, word: Word) -> None:
        said = word.said
        if self.weight <= 0 < said.weight:
            self.start, self.weight, self.words, self.sure, self.strange = word.start, 0.0, 0.0, 0.0, 0.0
            self.best, self.is_enough = 0.0, False
        self.weight += said.weight
        if said.weight >= BOTH:
            self.words += said.words
            self.sure += said.words if said.is_sure else 0
            self.strange += said.words if word.is_script else 0
        if self.weight > self.best:
            self.best, self.best_end = self.weight, word.end
        self.is_enough = self.is_enough or self._is_enough()

    def _is_enough(self) -> bool:
        fewest = FEWEST_WORDS if self.strange >= FEWEST_WORDS else FEWEST_LATIN
        enough = self.words >= fewest and self.sure >= FEWEST_SURE
        return self.weight >= ENOUGH and (enough or self.words >= MOST_UNSURE)

    @property
    def is_over(self) -> bool:
        return self.weight <= 0 or self.best - self.weight > FALL


def _passages(words: Iterable[Word]) -> Iterator[Passage]:
    run = _Run()
    for word in words:
        if run.weight <= 0 and word.said.weight <= 0:
            continue  # the usual case: no passage begins here
        run.add(word)
        if run.is_over:
            if run.is_enough:
                yield Passage(run.start, run.best_end)
            run = _Run()
    if run.is_enough:
        yield Passage(run.start, run.best_end)


class LanguageScreen:
    """Finds text that is not English, with lists of words."""

    def __init__(self, english: frozenset[str], others: frozenset[str]) -> None:
        self._english, self._others = english, others
        self._weigh_folded = lru_cache(maxsize=16384)(self._weigh_word)

    def find(self, text: str) -> list[Passage]:
        """Return the first few passages of a text that are not English."""
        words = list(self._words(text))
        return list(islice(_passages(words), MOST_PASSAGES)) or list(islice(find_brief(text, words), MOST_PASSAGES))

    def _words(self, text: str) -> Iterator[Word]:
        begins, is_cased = True, _is_cased(text)
        for token in TOKEN.finditer(text):
            word = token[0]
            if not word[0].isalpha() or "@" in word:
                begins = begins or word in ".!?\n"
                continue
            said = self._weigh(word, begins=begins, is_cased=is_cased)
            yield Word(token.start(), token.end(), said, not _is_latin(word))
            begins = False

    def _weigh(self, word: str, *, begins: bool, is_cased: bool) -> Weight:
        word = unicodedata.normalize("NFKC", word[:LONGEST_WORD])
        if not _is_latin(word):
            return _weigh_script(word, begins=begins)
        if len(word) == 1 or (is_cased and not begins and word[0].isupper()):
            return NOTHING
        if word.isupper() and len(word) <= ACRONYM and is_cased:
            return NOTHING
        said = self._weigh_folded(word.lower())
        return NOTHING if said.weight > 0 and not said.is_sure and word.istitle() else said  # probably a name

    def _weigh_word(self, word: str) -> Weight:
        folded = fold_text(word, _fold_letter).text
        is_other, is_english = folded in self._others, self._is_english(folded)
        if word in TELLING:
            return Weight(TELLING_ENGLISH, 1, is_sure=False)
        if is_english:
            return Weight(BOTH if is_other else ENGLISH, 1, is_sure=False)
        if is_other:
            return Weight(LISTED, 1, is_sure=True)
        if VOWELS.isdisjoint(folded):
            return NOTHING
        if folded != word:
            return Weight(ACCENTED, 1, is_sure=True)
        return Weight(UNKNOWN if len(word) > SHORTEST_STEM - 1 else SHORT_UNKNOWN, 1, is_sure=False)

    def _is_english(self, word: str) -> bool:
        return word in self._english or any(base in self._english for base in bases(word))


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    """Return a letter without accents."""
    plain = unicodedata.normalize("NFKD", PLAIN.get(letter, letter))
    return "".join(part for part in plain if not unicodedata.combining(part))


def bases(word: str) -> Iterator[str]:
    """Yield the words that this word may be a form of."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            base = word[: -len(ending)]
            yield base
            yield base + "e"
            if base[-1] == base[-2]:
                yield base[:-1]
            if base.endswith("i"):
                yield base[:-1] + "y"


def _is_latin(word: str) -> bool:
    return word.isascii() or all(ord(letter) <= LAST_LATIN or ord(letter) in MORE_LATIN for letter in word)


def _is_cased(text: str) -> bool:
    """Tell whether a capital letter marks a name in this text; it does not in a text in capitals or title case."""
    small = sum(1 for token in re.finditer(r"(?<![^\W\d_])[^\W\d_]", text) if token[0].islower())
    large = sum(1 for token in re.finditer(r"(?<![^\W\d_])[^\W\d_]", text) if token[0].isupper())
    return small * 2 > large


def _weigh_script(word: str, *, begins: bool) -> Weight:
    if any(ord(letter) in block for letter in word[:1] for block in (*UNSPACED, *CHINESE)):
        return Weight(UNSPACED_CHARACTER * len(word), len(word), is_sure=True)
    is_name = word[0].isupper() and not begins
    return Weight(0.5 if is_name else SCRIPT, 1, is_sure=True)


def load_languages(folder: Path = FOLDER) -> LanguageScreen:
    """Return the language screen with the lists of a folder; raise LexiconError."""
    english = words_of("\n".join((folder / name).read_text("utf-8") for name in ENGLISH_LISTS))
    return LanguageScreen(english, build_others((folder / "others.yaml").read_text("utf-8")))


def build_others(text: str) -> frozenset[str]:
    """Return the frequent words of other languages in a file's text; raise LexiconError."""
    languages = read_yaml("others.yaml", text, _Languages).languages
    return frozenset(word for words in languages.values() for word in words.split())
