"""Finds the words that tell who spoke, as the encoder reads them: a view from a window, a tie, a visit, a role.

The encoder gives each word two probabilities: that it tells who spoke indirectly, and that it names somebody on the
source's side. It was tuned on labelled texts (`pipeline_training/telling`, docs/model-card.md). Two bars apply: a
sentence is asked about when its highest word reaches the high one, and in such a sentence every word above the low one
is emphasised. A flag never changes the text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.encoder.encoder import Encoder, Token
from sanitiser_service.matcher.disclosure.kinds_of_telling import kind_of_telling
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.text.reading import Reading
from sanitiser_service.matcher.text.sentences import sentence_at, sentences_of

GRAPH = "matcher.onnx"
LONGEST, STEP = 256, 192  # tokens of a window, and from one to the next, as in the fit
SENTENCE_BAR, WORD_BAR = 0.45, 0.22
CALM = 0.01  # below this, on no labelled text, the encoder was wrong that a text tells nothing (docs/sanitiser.md)
UNLIKELY = 0.2  # a doubtful place is not asked about below this: on labelled texts none of these was right
MOST_TOKENS = 3_000  # of a submission: five times what people write; more would make other submissions wait
CLOSE = 2  # words: telling words so near to each other are one place
# What the matcher has found is given to the encoder as one marker a token; no marker is 0.
MARKS = 8
# Doubtful places that the words around them decide; all others come from a value of the form, whatever stands around.
BY_CONTEXT = frozenset({"role.word", "relative.unsure", "vehicle.other"})
_NAMES = {Who.SOURCE: 1, Who.SUBMITTER: 2, Who.AGENCY: 2, Who.OTHER: 2}
_MARKS = {
    "relative": 3,
    "role": 4,
    "role.similar": 4,
    "relationship": 4,
    "role.word": 5,
    "organisation": 6,
    "reference": 6,
}
_OTHER_MARK = 7
Logits = NDArray[np.float32]


class Told(NamedTuple):
    """The probabilities of each word of a reading: that it tells who spoke, and that it names the source's side."""

    quasi: list[float]
    direct: list[float]

    @property
    def is_calm(self) -> bool:
        """Tell whether no word may tell who spoke."""
        return self.most(0, len(self.quasi)) < CALM

    def at(self, word: int) -> float:
        """Return the higher of the probabilities of a word."""
        return max(self.quasi[word], self.direct[word])

    def most(self, first: int, after: int) -> float:
        """Return the highest of the probabilities of the words from `first` up to, not including, `after`."""
        return max((*self.quasi[first:after], *self.direct[first:after]), default=0.0)


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """Return the tuned encoder, loaded once by each process that matches; raise EncoderError."""
    return Encoder(GRAPH)


def told_by(reading: Reading, direct: Sequence[Match], allowance: Allowance) -> Told | None:
    """Return what the encoder reads in a text, given the places that the matcher has found; None of a text too long."""
    tokens = encoder().tokens_of(reading.folded)
    if not allowance.take(len(tokens)):
        return None
    chances = 1 / (1 + np.exp(-logits_of(tokens, marks_of(tokens, direct))))
    quasi, found = [0.0] * len(reading), [0.0] * len(reading)
    at = 0
    for word in range(len(reading)):
        start, end = reading.original(word, word)
        while at < len(tokens) and tokens[at].end <= start:
            at += 1
        inside = at
        while inside < len(tokens) and tokens[inside].start < end:
            quasi[word] = max(quasi[word], float(chances[inside, 0]))
            found[word] = max(found[word], float(chances[inside, 1]))
            inside += 1
    return Told(quasi, found)


def marks_of(tokens: Sequence[Token], direct: Sequence[Match]) -> list[int]:
    """Return the marker of each token: the kind of the match that it stands in."""
    marks, ends = [0] * len(tokens), [token.end for token in tokens]
    for match in direct:
        at = bisect_right(ends, match.start)
        while at < len(tokens) and tokens[at].start < match.end:
            marks[at] = _mark_of(match)
            at += 1
    return marks


def _mark_of(match: Match) -> int:
    family = match.kind.partition(".")[0]
    if family in ("name", "also_known_as"):
        return _NAMES[match.who]
    return _MARKS.get(match.kind) or _MARKS.get(family, _OTHER_MARK)


def logits_of(tokens: Sequence[Token], marks: Sequence[int]) -> Logits:
    """Return two logits per token. Where windows overlap, the one with more text around the token counts."""
    windows = encoder().windows(tokens, marks, longest=LONGEST, step=STEP)
    return joined(len(tokens), ((window.first, window.states[1:-1]) for window in windows))


def joined(count: int, windows: Iterable[tuple[int, Logits]]) -> Logits:
    """Return the logits of `count` tokens from windows, each with the number of its first token."""
    logits, deepest = np.zeros((max(count, 1), 2), np.float32), np.full(max(count, 1), -1)
    for first, found in windows:
        size, part = len(found), slice(first, first + len(found))
        before = np.arange(size) if first else np.full(size, LONGEST)
        behind = np.arange(size)[::-1] if first + size < count else np.full(size, LONGEST)
        better = np.minimum(before, behind) > deepest[part]
        logits[part][better] = found[better]
        deepest[part][better] = np.minimum(before, behind)[better]
    return logits


def without_unlikely(reading: Reading, told: Told, direct: Sequence[Match]) -> list[Match]:
    """Return the matches without those that were doubtful by their words and are unlikely by the encoder."""
    starts = reading.original_starts
    return [
        match
        for match in direct
        if match.kind not in BY_CONTEXT
        or told.most(max(bisect_right(starts, match.start) - 1, 0), bisect_left(starts, match.end)) >= UNLIKELY
    ]


def telling_in(reading: Reading, told: Told) -> list[Match]:
    """Return the places of telling words, in the sentences that have a word at the high bar."""
    sentences = sentences_of(reading)
    number = [sentence_at(sentences, start) for start in reading.original_starts]
    chosen = {at for at, word in zip(number, range(len(reading)), strict=True) if told.at(word) >= SENTENCE_BAR}
    words = [word for word, at in enumerate(number) if at in chosen and told.at(word) >= WORD_BAR]
    return [
        Match(*reading.original(first, last), Who.SOURCE, "cue", kind_of_telling(reading, first, last))
        for first, last in _runs(words, number)
    ]


def _runs(words: Sequence[int], sentences: Sequence[int]) -> list[list[int]]:
    """Return runs of words in one sentence, with small gaps closed."""
    runs: list[list[int]] = []
    for before, word in pairwise([-CLOSE - 1, *words]):
        if word - before <= CLOSE and sentences[word] == sentences[before]:
            runs[-1][1] = word
        else:
            runs.append([word, word])
    return runs
