"""The notation of phrases in the lexicon, and the words that each element of a phrase matches.

A phrase is a line of elements. `knife|knives` is one of several words, `stab+` a word with its usual endings, `@victim`
a class of words, `#child` a kind of number, `_3` up to three words of any kind; `?` makes an element optional. Every
repetition has a bound, so the time to read a text is in proportion to its length.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, product

from intake_service.screening.tree import LONGEST_GAP
from pipeline_shared.text.lexicon import LexiconError

WORD = re.compile(r"[a-z]+\+?|\d+|\(")
NUMBERS = frozenset({"#number", "#small", "#child", "#adult", "#old", "#past"})


def without_optional(name: str, phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield the elements of a phrase, with and without each optional one; two gaps that then meet are one."""
    choices = [(element[:-1], "") if element.endswith("?") else (element,) for element in phrase.split()]
    for chosen in product(*choices):
        elements = tuple(_joined_gaps(element for element in chosen if element))
        if not elements or elements[0].startswith("_") or elements[-1].startswith("_"):
            raise LexiconError(name, f"a phrase begins and ends with a word: {phrase!r}")
        yield elements


def _joined_gaps(elements: Iterable[str]) -> Iterator[str]:
    for is_gap, together in groupby(elements, key=lambda element: element.startswith("_")):
        some = list(together)
        yield from [f"_{sum(int(gap[1:]) for gap in some)}"] if is_gap else some


def spell_out(where: str, element: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return every word that an element matches; empty for a gap."""
    if element.startswith("_"):
        if not element[1:].isdigit() or int(element[1:]) > LONGEST_GAP:
            raise LexiconError(where, f"no gap: {element}")
        return frozenset()
    words: set[str] = set()
    for option in element.split("|"):
        if option.startswith("@"):
            if option[1:] not in known:
                raise LexiconError(where, f"no class of words: {option}")
            words |= known[option[1:]]
        elif option not in NUMBERS and not WORD.fullmatch(option):
            raise LexiconError(where, f"can never be a word of a text: {option}")
        else:
            words |= endings(option[:-1]) if option.endswith("+") else {option}
    return frozenset(words)


def endings(word: str) -> set[str]:
    """Return a word with its usual endings. Endings that do not exist in English do no harm."""
    stem = word.removesuffix("e")
    forms = {
        word,
        word + "s",
        word + "es",
        word + "ing",
        word + "in",
        word + "ed",
        stem + "ing",
        stem + "in",
        stem + "ed",
    }
    if word.endswith("y"):
        return forms | {stem[:-1] + "ies", stem[:-1] + "ied"}
    return forms | {word + word[-1] + ending for ending in ("ed", "ing", "in")}
