"""Finding concepts in words, and taking those away that a negation, a past or a frame makes harmless."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from intake_service.screening.lexicon import Lexicon, Quiet
from intake_service.screening.text import Words
from intake_service.screening.tree import Node, Start

LOOK_BACK = 4
LOOK_AHEAD = 4
# Concepts that the screen itself knows by name; `data/context.yaml` defines them.
FRAME, FRAME_AFTER, PAST, NOW = "frame", "frame_after", "past", "now"
NOWHERE: tuple[Node, ...] = ()


class Found(NamedTuple):
    """A concept in the words from `first` up to, not including, `after`."""

    first: int
    after: int
    concept: str


def find_concepts(words: Words, lexicon: Lexicon) -> list[Found]:
    """Return what the words say, in order, without what is said to be untrue, long past or make-believe."""
    everything: list[Found] = []
    starts = lexicon.starts
    for at, keys in enumerate(words.keys):
        for key in keys:
            start = starts.get(key)
            if start is not None:
                for concept in start.ends:
                    everything.append(Found(at, at + 1, concept))  # noqa: PERF401 - a generator costs more than it adds
                if start.ahead:
                    _follow(start, at, words, everything)
    masked = _masked(everything, lexicon)
    quiet = _Quieting(words, lexicon, everything)
    return [found for found in everything if _stands(found, masked) and not quiet.takes(found)]


def _follow(start: Start, at: int, words: Words, everything: list[Found]) -> None:
    """Add the longer phrases that begin at a word, none beyond its sentence."""
    keys, end = words.keys, words.sentence_ends[at]
    waiting: list[tuple[Node, int]] = []
    for place, leads in zip(range(at + 1, end), start.ahead, strict=False):
        for key in keys[place]:
            if key in leads:
                waiting.extend([(node, place + 1) for node in leads[key]])
    if not waiting:
        return
    reached = set(waiting)
    while waiting:
        node, place = waiting.pop()
        everything.extend([Found(at, place, concept) for concept in node.ends])
        for step in _steps(node, place, keys, end):
            if step not in reached:
                reached.add(step)
                waiting.append(step)


def _steps(node: Node, place: int, keys: list[tuple[str, ...]], end: int) -> Iterator[tuple[Node, int]]:
    """Yield where the words from a place on lead, at once and over a gap."""
    if node.then and place < end:
        for key in keys[place]:
            for child in node.then.get(key, NOWHERE):
                yield child, place + 1
    for most, gap in node.gaps:
        for later in range(place, min(place + most + 1, end)):
            for key in keys[later]:
                for child in gap.then.get(key, NOWHERE):
                    yield child, later + 1


def _masked(everything: list[Found], lexicon: Lexicon) -> dict[int, str]:
    """Return the words that a masking phrase has taken, with its concept."""
    masking = [found for found in everything if found.concept in lexicon.masking]
    return {word: found.concept for found in masking for word in range(found.first, found.after)}


def _stands(found: Found, masked: dict[int, str]) -> bool:
    """Tell whether no masking phrase has taken a word of it for another meaning."""
    if not masked:
        return True
    return all(masked.get(word, found.concept) == found.concept for word in range(found.first, found.after))


class _Quieting:
    """What in these words takes the force from others."""

    def __init__(self, words: Words, lexicon: Lexicon, everything: list[Found]) -> None:
        self._words, self._lexicon = words, lexicon
        of: dict[str, list[Found]] = {FRAME: [], FRAME_AFTER: [], PAST: [], NOW: []}
        for found in everything:
            if found.concept in of:
                of[found.concept].append(found)
        sentences = words.sentence_starts
        self._framed = {sentences[found.first] for found in of[FRAME]}
        self._past = {sentences[found.first] for found in of[PAST]} - {sentences[found.first] for found in of[NOW]}
        self._after = sorted(found.after for found in of[FRAME_AFTER])

    def takes(self, found: Found) -> bool:
        """Tell whether a concept found has no force here."""
        keeps = self._lexicon.keeps[found.concept]
        sentence = self._words.sentence_starts[found.first]
        return (
            (sentence in self._past and Quiet.PAST not in keeps)
            or (Quiet.FRAME not in keeps and (sentence in self._framed or self._is_after_frame(found, sentence)))
            or (Quiet.NEGATION not in keeps and (self._is_negated(found) or self._is_denied(found)))
        )

    def _is_after_frame(self, found: Found, sentence: int) -> bool:
        at = bisect_left(self._after, sentence)
        return at < len(self._after) and self._after[at] <= found.first

    def _is_negated(self, found: Found) -> bool:
        """Tell whether a negation stands shortly before, with nothing between that begins a new thought."""
        words, sets = self._words, self._lexicon.words
        clause, first = words.clauses[found.first], found.first
        for at in range(first - 1, max(words.sentence_starts[first], first - LOOK_BACK) - 1, -1):
            word = words.keys[at][0]
            if words.clauses[at] != clause or word in sets["stops"]:
                return False
            if word in sets["negators"]:
                return True
        return False

    def _is_denied(self, found: Found) -> bool:
        """Tell whether what follows says that it was not there: "a knife was not seen"."""
        words, sets = self._words, self._lexicon.words
        end = min(words.sentence_ends[found.first], found.after + LOOK_AHEAD)
        following = [words.keys[at][0] for at in range(found.after, end)]
        if not following or following[0] not in sets["being"]:
            return False
        return any(word in sets["negators"] and later in sets["observed"] for word, later in pairwise(following))
