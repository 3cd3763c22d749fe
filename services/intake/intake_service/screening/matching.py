"""Finding concepts in words, and taking those away that a negation, a past or a frame makes harmless."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from intake_service.screening.lexicon import Lexicon, Quiet
from intake_service.screening.text import Words

LOOK_BACK = 4
LOOK_AHEAD = 4
# Concepts that the screen itself knows by name; `data/context.yaml` defines them.
IDIOM, FRAME, FRAME_AFTER, PAST, NOW = "idiom", "frame", "frame_after", "past", "now"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A concept in the words from `first` up to, not including, `after`."""

    first: int
    after: int
    concept: str


def find_concepts(words: Words, lexicon: Lexicon) -> list[Found]:
    """Return what the words say, in order, without what is said to be untrue, long past or make-believe."""
    everything = [found for at in range(len(words.keys)) for found in _phrases_at(at, words, lexicon)]
    masked = _masked(everything, lexicon)
    quiet = _Quieting(words, lexicon, everything)
    return [found for found in everything if _stands(found, masked) and not quiet.takes(found)]


def _phrases_at(at: int, words: Words, lexicon: Lexicon) -> Iterator[Found]:
    """Yield the phrases that begin at a word, never beyond its sentence."""
    keys, end = words.keys, words.sentence_ends[at]
    then = lexicon.root.then
    stack = [(node, at + 1) for key in keys[at] for node in then.get(key, ())]
    while stack:
        node, place = stack.pop()
        for concept in node.ends:
            yield Found(at, place, concept)
        if place < end and node.then:
            stack.extend((child, place + 1) for key in keys[place] for child in node.then.get(key, ()))
        for most, child in node.gaps:
            stack.extend((child, later) for later in range(place, min(place + most, end - 1) + 1))


def _masked(everything: list[Found], lexicon: Lexicon) -> dict[int, Found]:
    """Return the words that a masking phrase has taken, with the phrase."""
    return {
        word: found for found in everything if found.concept in lexicon.masking for word in range(found.first, found.after)
    }


def _stands(found: Found, masked: dict[int, Found]) -> bool:
    """Tell whether no masking phrase other than itself, or a longer one around it, has taken a word of it."""
    return all(
        (mask := masked.get(word)) is None or mask.concept == found.concept for word in range(found.first, found.after)
    )


class _Quieting:
    """What in these words takes the force from others."""

    def __init__(self, words: Words, lexicon: Lexicon, everything: list[Found]) -> None:
        self._words, self._lexicon = words, lexicon
        sentences = words.sentence_starts
        of = {name: [f for f in everything if f.concept == name] for name in (FRAME, FRAME_AFTER, PAST, NOW)}
        self._framed = {sentences[f.first] for f in of[FRAME]}
        now = {sentences[f.first] for f in of[NOW]}
        self._past = {sentences[f.first] for f in of[PAST]} - now
        self._after = [f.after for f in of[FRAME_AFTER]]

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
        return any(
            word in sets["negators"] and later in sets["observed"]
            for word, later in zip(following, following[1:], strict=False)
        ) and following[0] in sets["being"]
