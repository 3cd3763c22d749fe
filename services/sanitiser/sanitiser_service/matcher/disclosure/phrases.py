"""Divides a text into phrases of a few words, each with its classes of words as bits, by which it is weighed.

The classes are sections of `indirect_identifiers.txt`. Other bits come from the text itself: mentions of the people on
the form, pronouns that may mean the source, quotation marks, the position of a phrase in the text.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from pipeline_shared.text.tokens import JOINED, SENTENCE, part_numbers
from sanitiser_service.matcher.disclosure.phrase_table import PhraseTable
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.text.lexicons import sections_of, word_set
from sanitiser_service.matcher.text.reading import Reading

LONGEST, SPLITTABLE = 3, 2
OFTEN = 0.25
SHORTEST_PAST = 5  # "need" is not a past form
_CONJUNCTIONS = word_set("phrases_conjunctions")
# An address or a number leads to a person; only these kinds show that the text mentions the person.
_SPEAK_OF_SOMEBODY = frozenset({"name", "also_known_as", "role", "relationship", "relative"})
_SEX = {
    "she": "she",
    "her": "she",
    "hers": "she",
    "herself": "she",
    "she's": "she",
    "she'd": "she",
    "shes": "she",
    "he": "he",
    "him": "he",
    "his": "he",
    "himself": "he",
    "he's": "he",
    "he'd": "he",
    "hes": "he",
}
_PAST = word_set("phrases_past")

CLASSES = (*dict.fromkeys(section for section, _ in sections_of("indirect_identifiers.txt")),)
EXTRA = (
    "source",
    "submitter",
    "organisation",
    "role",
    "name",
    "digits",
    "quoted",
    "first_person_text",
    "opening",
    "closing",
    "after_source",
    "like_source",
    "past",
    "verb_first",
    "short",
)
NAMES = (*CLASSES, *EXTRA)
BIT = {name: 1 << at for at, name in enumerate(NAMES)}
_PAST_BIT, _VERB_FIRST_BIT, _SHORT_BIT, _NAME_BIT = BIT["past"], BIT["verb_first"], BIT["short"], BIT["name"]
_DIGITS_BIT = BIT["digits"]


class Phrase(NamedTuple):
    """A few words that are weighed together."""

    first: int
    last: int
    sentence: int


def _entries() -> tuple[dict[str, int], PhraseTable[int]]:
    """Return the class bits of single words and of listed phrases."""
    words = dict.fromkeys(_PAST, _PAST_BIT)
    phrases: list[tuple[list[str], int]] = []
    for section, found in sections_of("indirect_identifiers.txt"):
        for entry in found:
            first, *rest = entry.replace("-", " ").replace("'s ", " ").split()
            if rest:
                phrases.append(([first, *rest], BIT[section]))
            else:
                words[first] = words.get(first, 0) | BIT[section]
    return words, PhraseTable(phrases)


_WORDS, _PHRASES = _entries()


def phrases_of(reading: Reading) -> list[Phrase]:
    """Return the phrases of a text: a few words each, divided at punctuation and conjunctions."""
    phrases: list[Phrase] = []
    first = 0
    sentences = part_numbers(reading.breaks, SENTENCE)
    following = {at - 1 for at in reading.places_of(_CONJUNCTIONS)}
    for at, broken in enumerate(reading.breaks):
        size = at - first + 1
        if broken or size == LONGEST or (size >= SPLITTABLE and at in following):
            phrases.append(Phrase(first, at, sentences[first]))
            first = at + 1
    if first < len(reading):
        phrases.append(Phrase(first, len(reading) - 1, sentences[first]))
    return phrases


def masks_of(reading: Reading, phrases: Sequence[Phrase], direct: Iterable[Match]) -> list[int]:
    """Return the class bits of each phrase."""
    words = _word_masks(reading)
    mentioned: set[int] = set()
    for match in direct:
        bit = _bit_of(match.kind, match.who)
        under = _words_under(reading, match) if bit else ()
        mentioned.update(under)
        for at in under:
            words[at] |= bit
    _add_pronouns(reading, words, mentioned)
    # A phrase has at most three words, so these are all of them.
    masks = [words[first] | words[(first + last) // 2] | words[last] for first, last, _ in phrases]
    for at, (first, last, _) in enumerate(phrases):
        if last - first <= 1:
            masks[at] |= _SHORT_BIT
        if words[first] & _PAST_BIT and (first == 0 or reading.breaks[first - 1] > JOINED):
            masks[at] |= _VERB_FIRST_BIT
    return _with_place(masks)


def _word_masks(reading: Reading) -> list[int]:
    keys = reading.keys
    masks = list(map(_WORDS.get, keys, repeat(0)))
    for at in reading.unlettered:
        masks[at] |= _DIGITS_BIT if keys[at][0].isdigit() else 0
    for at in reading.places_of([key for key in reading.present if key[-2:] == "ed" and len(key) >= SHORTEST_PAST]):
        masks[at] |= _PAST_BIT
    for at, _, bit in _PHRASES.find(keys):
        masks[at] |= bit
    for at in reading.with_capital:
        if at and not masks[at] and reading.breaks[at - 1] < SENTENCE:
            masks[at] = _NAME_BIT
    if '"' in reading.folded.text:
        _mark_quoted(reading, masks)
    return masks


def _mark_quoted(reading: Reading, masks: list[int]) -> None:
    quoted = False
    for at, gap in enumerate(reading.gaps):
        if quoted:
            masks[at] |= BIT["quoted"]
        if '"' in gap:
            quoted ^= gap.count('"') % 2 == 1


def _add_pronouns(reading: Reading, words: list[int], mentioned: set[int]) -> None:
    """Mark pronouns that may mean the source: those after a mention of it, and others of the same sex."""
    source = BIT["source"]
    is_last, counts = False, {"she": 0, "he": 0}
    pronouns: list[tuple[int, str]] = []
    places = reading.places_of(_SEX) if mentioned else []
    for at in sorted(mentioned.union(reading.with_capital, places)) if places else ():
        key = reading.keys[at]
        if words[at] & source:
            is_last = True
        elif words[at] & _NAME_BIT and reading.cases[at]:
            is_last = False
        elif key in _SEX:
            pronouns.append((at, _SEX[key]))
            if is_last:
                words[at] |= BIT["after_source"]
                counts[_SEX[key]] += 1
    like = "she" if counts["she"] > counts["he"] else "he"
    for at, sex in pronouns:
        if sex == like and counts[like]:
            words[at] |= BIT["like_source"]


@lru_cache(maxsize=256)
def _bit_of(kind: str, who: Who) -> int:
    kind = kind.partition(".")[0]
    if kind in {"organisation", "reference"}:
        return BIT["organisation"]
    if kind not in _SPEAK_OF_SOMEBODY:
        return 0
    if kind in {"role", "relationship"}:
        return BIT["role"] | (BIT["source"] if who is Who.SOURCE else BIT["submitter"])
    return BIT["submitter"] if who is Who.SUBMITTER else BIT["source"]


def _words_under(reading: Reading, match: Match) -> range:
    starts = reading.original_starts
    return range(bisect_left(starts, match.start), bisect_left(starts, match.end))


def _with_place(masks: list[int]) -> list[int]:
    speaking = BIT["me"] | BIT["us"]
    quoted = BIT["quoted"]
    first_person = sum(1 for mask in masks if mask & speaking and not mask & quoted)
    of_text = BIT["first_person_text"] if first_person > OFTEN * len(masks) else 0
    placed = [mask | of_text for mask in masks]
    for at in range(min(len(("first", "second")), len(placed))):
        placed[at] |= BIT["opening"]
        placed[-1 - at] |= BIT["closing"]
    return placed
