"""Finds the concepts of the lexicon in a text, and drops those made harmless by a negation, the past or a frame."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from intake_service.screening.deadline import NEVER, Deadline
from intake_service.screening.lexicon import Lexicon, Quiet
from intake_service.screening.text import Words
from intake_service.screening.tree import Node, Start

LOOK_BACK = 4
LOOK_AHEAD = 4
BETWEEN_CHECKS = 64  # words
# Concepts that this code refers to by name; `data/context.yaml` defines them.
FRAME, FRAME_AFTER, PAST, NOW = "frame", "frame_after", "past", "now"
NOWHERE: tuple[Node, ...] = ()


class Found(NamedTuple):
    """A concept in the words from `first` up to, not including, `after`."""

    first: int
    after: int
    concept: str


def find_concepts(words: Words, lexicon: Lexicon, deadline: Deadline = NEVER) -> list[Found]:
    """Return the concepts in a text, in order, without those that are negated, long past or fictional.

    Raises OutOfTimeError.
    """
    everything: list[Found] = []
    all_keys, starts = words.keys, lexicon.starts
    for at, keys in enumerate(all_keys):
        if at % BETWEEN_CHECKS == 0:
            deadline.check()
        for key in keys:
            start = starts.get(key)
            if start is not None:
                for concept in start.ends:
                    everything.append(Found(at, at + 1, concept))  # noqa: PERF401 - a generator costs more than it adds
                if not start.later.isdisjoint(chain.from_iterable(all_keys[at + 1 : at + 1 + len(start.ahead)])):
                    _follow(start, at, words, everything)
    masked = _masked(everything, lexicon)
    quiet = _Quieting(words, lexicon, everything)
    return [found for found in everything if _stands(found, masked) and not quiet.takes(found)]


def _follow(start: Start, at: int, words: Words, everything: list[Found]) -> None:
    """Add the longer phrases that begin at a word, within its sentence."""
    keys, end = words.keys, words.sentence_ends[at]
    waiting = [
        (node, place + 1)
        for place, leads in enumerate(start.ahead[: end - at - 1], at + 1)
        for key in keys[place]
        if key in leads
        for node in leads[key]
    ]
    reached = set(waiting)
    while waiting:
        node, place = waiting.pop()
        everything.extend([Found(at, place, concept) for concept in node.ends])
        if not (node.then or node.gaps):
            continue  # the usual case: no longer phrase begins with this phrase
        for step in _steps(node, place, keys, end):
            if step not in reached:
                reached.add(step)
                waiting.append(step)


def _steps(node: Node, place: int, keys: list[tuple[str, ...]], end: int) -> Iterator[tuple[Node, int]]:
    """Yield the nodes that the words from a place on lead to, directly and over a gap."""
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
    """Return the words that a masking phrase covers, with the concept of that phrase."""
    masking = [found for found in everything if found.concept in lexicon.masking]
    return {word: found.concept for found in masking for word in range(found.first, found.after)}


def _stands(found: Found, masked: dict[int, str]) -> bool:
    """Tell whether no masking phrase gives one of its words another meaning."""
    places = range(found.first, found.after)
    return masked.keys().isdisjoint(places) or all(masked.get(at, found.concept) == found.concept for at in places)


class _Quieting:
    """The words of a text that make phrases harmless: negations, talk of the past, frames such as a film."""

    def __init__(self, words: Words, lexicon: Lexicon, everything: list[Found]) -> None:
        self._sentences, self._keeps = words.sentence_starts, lexicon.keeps
        of: dict[str, list[Found]] = {FRAME: [], FRAME_AFTER: [], PAST: [], NOW: []}
        for found in everything:
            if found.concept in of:
                of[found.concept].append(found)
        sentences = words.sentence_starts
        self._framed = {sentences[found.first] for found in of[FRAME]}
        self._past = {sentences[found.first] for found in of[PAST]} - {sentences[found.first] for found in of[NOW]}
        self._after = sorted(found.after for found in of[FRAME_AFTER])
        negators = [at for at, keys in enumerate(words.keys) if keys[0] in lexicon.words["negators"]]
        self._negated = {at for negator in negators for at in _negated(negator, words, lexicon)}
        self._denied = {at for negator in negators for at in _denied(negator, words, lexicon)}

    def takes(self, found: Found) -> bool:
        """Tell whether the context makes a found concept harmless."""
        keeps = self._keeps[found.concept]
        sentence = self._sentences[found.first]
        return (
            (sentence in self._past and Quiet.PAST not in keeps)
            or ((sentence in self._framed or self._is_after_frame(found, sentence)) and Quiet.FRAME not in keeps)
            or ((found.first in self._negated or self._is_denied(found, sentence)) and Quiet.NEGATION not in keeps)
        )

    def _is_after_frame(self, found: Found, sentence: int) -> bool:
        at = bisect_left(self._after, sentence)
        return at < len(self._after) and self._after[at] <= found.first

    def _is_denied(self, found: Found, sentence: int) -> bool:
        return found.after in self._denied and self._sentences[found.after] == sentence


def _negated(negator: int, words: Words, lexicon: Lexicon) -> Iterator[int]:
    """Yield the places shortly after a negation, until a word begins a new thought."""
    stops, clause = lexicon.words["stops"], words.clauses[negator]
    for at in range(negator + 1, min(negator + 1 + LOOK_BACK, len(words.keys))):
        if words.clauses[at] != clause or words.keys[at - 1][0] in stops:
            return
        yield at


def _denied(negator: int, words: Words, lexicon: Lexicon) -> Iterator[int]:
    """Yield the places where a negation applies to the words before it: "a knife was not seen"."""
    observed = negator + 1
    if observed < words.sentence_ends[negator] and words.keys[observed][0] in lexicon.words["observed"]:
        for at in range(max(observed + 1 - LOOK_AHEAD, words.sentence_starts[negator]), observed):
            if words.keys[at][0] in lexicon.words["being"]:
                yield at
