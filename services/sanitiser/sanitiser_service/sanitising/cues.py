"""Clauses that may give away who spoke without naming anybody: how only they could know, whose kin or colleague they are.

No list of phrases can hold what people say, so each clause is weighed: classes of words (`cues.txt`) in it, around it and in
the sentence, who is mentioned, and whether the text speaks in the first person. The weights are fitted by
`tests/evaluation/fit.py` and are data like the words. A flag never changes the text: it points a person at a clause.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.lexicons import lines_of, sections_of
from sanitiser_service.sanitising.reading import JOINED, LOWER, SENTENCE, Reading

LONGEST, SPLITTABLE = 10, 4
OFTEN = 0.25
_CONJUNCTIONS = frozenset(
    "and but so because as who which that when while if since until before after then where though although or than what how cos".split()
)
_SPEAKERS = frozenset({"me", "us", "third", "they", "source"})

CLASSES = (*dict.fromkeys(section for section, _ in sections_of("cues.txt")),)
EXTRA = ("source", "submitter", "organisation", "role", "name", "digits", "quoted", "word_i", "first_person_text", "opening", "closing")
NAMES = (*CLASSES, *EXTRA)
BIT = {name: 1 << at for at, name in enumerate(NAMES)}


class Clause(NamedTuple):
    """A stretch of words that is weighed as one."""

    first: int
    last: int
    sentence: int


def _entries() -> tuple[dict[str, int], dict[str, tuple[tuple[tuple[str, ...], int], ...]]]:
    """Return the classes of single words, and of phrases by their first word."""
    words: dict[str, int] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for section, found in sections_of("cues.txt"):
        for entry in found:
            first, *rest = entry.replace("-", " ").replace("'s ", " ").split()
            if rest:
                phrases.setdefault(first, []).append((tuple(rest), BIT[section]))
            else:
                words[first] = words.get(first, 0) | BIT[section]
    return words, {first: tuple(rest) for first, rest in phrases.items()}


_WORDS, _PHRASES = _entries()


def _weights() -> dict[str, float]:
    return {name: float(weight) for name, weight in (line.split() for line in lines_of("weights.txt"))}


WEIGHTS = _weights()


def cues_in(reading: Reading, direct: Iterable[Match]) -> list[Match]:
    """Return the clauses that weigh enough, neighbours in a sentence as one."""
    clauses = clauses_of(reading)
    masks = masks_of(reading, clauses, direct)
    found: list[Match] = []
    last_kept = -2
    for at, (clause, score) in enumerate(zip(clauses, scores_of(clauses, masks), strict=True)):
        if score <= 0:
            continue
        start, end = reading.original(clause.first, clause.last)
        if last_kept == at - 1 and clauses[last_kept].sentence == clause.sentence:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Match(start, end, Who.SOURCE, "cue", reason_of(masks[at])))
        last_kept = at
    return found


def clauses_of(reading: Reading) -> list[Clause]:
    """Return a text's clauses: between marks, before conjunctions, never long."""
    clauses: list[Clause] = []
    first = sentence = 0
    size = len(reading)
    for at, broken in enumerate(reading.breaks):
        length = at + 1 - first
        following = reading.keys[at + 1] if at + 1 < size else ""
        if broken > JOINED or length >= LONGEST or (length >= SPLITTABLE and following in _CONJUNCTIONS) or at + 1 == size:
            clauses.append(Clause(first, at, sentence))
            first = at + 1
            sentence += broken >= SENTENCE
    return clauses


def masks_of(reading: Reading, clauses: Sequence[Clause], direct: Iterable[Match]) -> list[int]:
    """Return each clause's classes as bits."""
    words = _word_masks(reading)
    for match in direct:
        bit = _bit_of(match)
        for at in _words_under(reading, match) if bit else ():
            words[at] |= bit
    masks = [0] * len(clauses)
    for n, clause in enumerate(clauses):
        mask = 0
        for word in words[clause.first : clause.last + 1]:
            mask |= word
        masks[n] = mask
    return _with_place(masks)


def _word_masks(reading: Reading) -> list[int]:
    keys = reading.keys
    masks = [_WORDS.get(key, 0) for key in keys]
    quoted = False
    for at, key in enumerate(keys):
        if key in _PHRASES:
            for rest, bit in _PHRASES[key]:
                if tuple(keys[at + 1 : at + 1 + len(rest)]) == rest:
                    masks[at] |= bit
        if key[0].isdigit():
            masks[at] |= BIT["digits"]
        elif reading.cases[at] != LOWER and not masks[at] and at and reading.breaks[at - 1] < SENTENCE:
            masks[at] |= BIT["name"]
        if quoted:
            masks[at] |= BIT["quoted"]
        if '"' in reading.gaps[at]:
            quoted ^= reading.gaps[at].count('"') % 2 == 1
    return masks


def _bit_of(match: Match) -> int:
    kind = match.kind.partition(".")[0]
    if kind == "organisation" or kind == "reference":
        return BIT["organisation"]
    if kind in {"role", "relationship"}:
        return BIT["role"] | (BIT["source"] if match.who is Who.SOURCE else BIT["submitter"])
    return BIT["submitter"] if match.who is Who.SUBMITTER else BIT["source"]


def _words_under(reading: Reading, match: Match) -> range:
    starts = reading.original_starts
    return range(bisect_left(starts, match.start), bisect_left(starts, match.end))


def _with_place(masks: list[int]) -> list[int]:
    speaking = BIT["me"] | BIT["us"]
    quoted = BIT["quoted"]
    first_person = sum(1 for mask in masks if mask & speaking and not mask & quoted)
    of_text = BIT["first_person_text"] if first_person > OFTEN * len(masks) else 0
    placed = [mask | of_text for mask in masks]
    for at in range(min(2, len(placed))):
        placed[at] |= BIT["opening"]
        placed[-1 - at] |= BIT["closing"]
    return placed


def scores_of(clauses: Sequence[Clause], masks: Sequence[int]) -> list[float]:
    """Return how much each clause weighs; over nothing is enough."""
    return [sum(_weight(side, mask) for side, mask in sides) for sides in sides_of(clauses, masks)]


def sides_of(clauses: Sequence[Clause], masks: Sequence[int]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Return each clause's bits with those of its neighbours and its sentence."""
    sentences: dict[int, int] = {}
    for clause, mask in zip(clauses, masks, strict=True):
        sentences[clause.sentence] = sentences.get(clause.sentence, 0) | mask
    padded = [0, *masks, 0]
    for at, clause in enumerate(clauses):
        before = sentences.get(clause.sentence - 1, 0)
        yield (
            ("here", masks[at]),
            ("before", padded[at]),
            ("after", padded[at + 2]),
            ("sentence", sentences[clause.sentence]),
            ("sentence_before", before),
        )


@lru_cache(maxsize=32768)
def _weight(side: str, mask: int) -> float:
    return sum(WEIGHTS.get(feature, 0.0) for feature in features_of(side, mask))


def features_of(side: str, mask: int) -> list[str]:
    """Return the names of what is weighed of one side of a clause."""
    names = [name for name in NAMES if mask & BIT[name]]
    features = [f"{side}:{name}" for name in names]
    if side == "here":
        speakers = [name for name in names if name in _SPEAKERS]
        features += [f"here:{one}+{other}" for one in speakers for other in names if other != one]
        features.append("here:always")
    return features


@lru_cache(maxsize=8192)
def reason_of(mask: int) -> str:
    """Return the class that weighs most in a clause: what a page says of the flag."""
    names = [name for name in CLASSES if mask & BIT[name]]
    return max(names, key=lambda name: WEIGHTS.get(f"here:{name}", 0.0), default="context")
