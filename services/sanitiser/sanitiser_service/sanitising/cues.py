"""Phrases that may give away who spoke without naming anybody: how only they could know, whose kin they are.

No list of phrases can hold what people say, so each phrase is weighed: classes of words (`cues.txt`) in it, around it
and in the sentence, who is mentioned, and whether the text speaks in the first person. The weights are fitted by
`tests/evaluation/fit.py` and are data like the words. A flag never changes the text: it points a person at a phrase.
"""

from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.lexicons import lines_of, sections_of, word_set
from sanitiser_service.sanitising.reading import JOINED, SENTENCE, Reading

LONGEST, SPLITTABLE = 3, 2
THRESHOLD, CROWDED = -2.25, 2.5
NOBODY_SPEAKS, RISE, SPOKEN = 1.8, 2.0, 0.12
MOST = 0.405
OFTEN = 0.25
_CONJUNCTIONS = word_set("cues_conjunctions")
_SPEAKERS = frozenset({"me", "us", "third", "they", "source", "after_source", "like_source"})
# An address or a number says where somebody is, not that the text tells of them.
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
_PAST = word_set("cues_past")

CLASSES = (*dict.fromkeys(section for section, _ in sections_of("cues.txt")),)
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
_ANCHORS = sum(BIT[name] for name in ("me", "us", "source", "submitter", "organisation", "role"))
_PAST_BIT, _VERB_FIRST_BIT, _SHORT_BIT, _NAME_BIT = BIT["past"], BIT["verb_first"], BIT["short"], BIT["name"]
_SPEAKER_BITS = sum(BIT[name] for name in _SPEAKERS)


class Phrase(NamedTuple):
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


_SINGLE, _PHRASES = _entries()
_WORDS = {**_SINGLE, **{key: _SINGLE.get(key, 0) | _PAST_BIT for key in _PAST}}


def _weights() -> dict[str, float]:
    return {name: float(weight) for name, weight in (line.split() for line in lines_of("weights.txt"))}


WEIGHTS: dict[str, float] = {}
_WORD_WEIGHTS: dict[str, float] = {}
_PAIR_WEIGHTS: dict[tuple[str, ...], float] = {}


def weigh_by(weights: Mapping[str, float]) -> None:
    """Weigh by these weights from now on."""
    for held, prefix in ((WEIGHTS, ""), (_WORD_WEIGHTS, "w:")):
        held.clear()
        held.update({name.removeprefix(prefix): weight for name, weight in weights.items() if name.startswith(prefix)})
    _PAIR_WEIGHTS.clear()
    _PAIR_WEIGHTS.update(
        {tuple(name[2:].split("+")): value for name, value in weights.items() if name.startswith("p:")}
    )
    for cached in (_weights_of, _tables, reason_of):
        cached.cache_clear()


@contextmanager
def weighed_by(weights: Mapping[str, float]) -> Generator[None]:
    """Weigh by other weights for a while: how the evaluation looks at texts that the weights were not fitted on."""
    own = dict(WEIGHTS)
    weigh_by(weights)
    try:
        yield
    finally:
        weigh_by(own)


def cues_in(reading: Reading, direct: Sequence[Match]) -> list[Match]:
    """Return the phrases that weigh enough, neighbours in a sentence as one."""
    phrases = phrases_of(reading)
    masks = masks_of(reading, phrases, direct)
    sizes = [reading.ends[phrase.last] - reading.starts[phrase.first] for phrase in phrases]
    found: list[Match] = []
    before = -2
    bar = bar_for(masks)
    for at in chosen(scores_of(reading, phrases, masks), sizes, bar=bar, room=_room(reading, direct)):
        phrase = phrases[at]
        start, end = reading.original(phrase.first, phrase.last)
        if before == at - 1 and phrases[before].sentence == phrase.sentence:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Match(start, end, Who.SOURCE, "cue", reason_of(masks[at])))
        before = at
    return found


def _room(reading: Reading, direct: Sequence[Match]) -> float:
    """Return how many characters may be pointed at: where all is highlighted, nothing is."""
    return MOST * len(reading.text) - sum(match.end - match.start for match in direct)


def bar_for(masks: Sequence[int]) -> float:
    """Return what a phrase must weigh: little where a text speaks of who tells, much where nobody seems to."""
    anchors = sum(1 for mask in masks if mask & _ANCHORS and not mask & BIT["quoted"])
    if not anchors:
        return NOBODY_SPEAKS
    return THRESHOLD + RISE * max(0.0, 1 - anchors / (SPOKEN * len(masks)))


def chosen(scores: Sequence[float], sizes: Sequence[int], *, bar: float, room: float) -> list[int]:
    """Return which phrases are pointed at: telling ones first, and beside one of them only what tells by itself."""
    picked: set[int] = set()
    for at in sorted(range(len(scores)), key=scores.__getitem__, reverse=True):
        if room <= 0 or scores[at] < bar:
            break
        if scores[at] >= bar + CROWDED or not {at - 1, at + 1} & picked:
            picked.add(at)
            room -= sizes[at]
    return sorted(picked)


def phrases_of(reading: Reading) -> list[Phrase]:
    """Return a text's phrases: a few words, ended by marks and conjunctions."""
    phrases: list[Phrase] = []
    first = sentence = 0
    following = [*(key in _CONJUNCTIONS for key in reading.keys[1:]), True][: len(reading)]
    for at, (broken, conjunction) in enumerate(zip(reading.breaks, following, strict=True)):
        if broken or at - first >= LONGEST - 1 or (conjunction and at - first >= SPLITTABLE - 1):
            phrases.append(Phrase(first, at, sentence))
            first = at + 1
            sentence += broken >= SENTENCE
    if first < len(reading):
        phrases.append(Phrase(first, len(reading) - 1, sentence))
    return phrases


def masks_of(reading: Reading, phrases: Sequence[Phrase], direct: Iterable[Match]) -> list[int]:
    """Return each clause's classes as bits."""
    words = _word_masks(reading)
    for match in direct:
        bit = _bit_of(match)
        for at in _words_under(reading, match) if bit else ():
            words[at] |= bit
    add_pronouns(reading, words)
    return _with_place([_mask_of(reading, words, phrase) for phrase in phrases])


def _mask_of(reading: Reading, words: list[int], phrase: Phrase) -> int:
    first, last, _ = phrase
    mask = words[first]
    if mask & _PAST_BIT and (first == 0 or reading.breaks[first - 1] > JOINED):
        mask |= _VERB_FIRST_BIT
    for at in range(first + 1, last + 1):
        mask |= words[at]
    return mask if last - first > 1 else mask | _SHORT_BIT


def _word_masks(reading: Reading) -> list[int]:
    keys = reading.keys
    masks = [_WORDS.get(key, 0) for key in keys]
    for at in [at for at, key in enumerate(keys) if key[-2:] == "ed" or not key.isalpha()]:
        masks[at] |= _class_of(keys[at])
    for at in [at for at, key in enumerate(keys) if key in _PHRASES]:
        for rest, bit in _PHRASES[keys[at]]:
            if tuple(keys[at + 1 : at + 1 + len(rest)]) == rest:
                masks[at] |= bit
    for at in [at for at, case in enumerate(reading.cases) if case]:
        if at and not masks[at] and reading.breaks[at - 1] < SENTENCE:
            masks[at] = _NAME_BIT
    if '"' in reading.folded.text:
        _mark_quoted(reading, masks)
    return masks


def _class_of(key: str) -> int:
    if key[0].isdigit():
        return BIT["digits"]
    return _PAST_BIT if key[-2:] == "ed" and len(key) > len("need") else 0


def _mark_quoted(reading: Reading, masks: list[int]) -> None:
    quoted = False
    for at, gap in enumerate(reading.gaps):
        if quoted:
            masks[at] |= BIT["quoted"]
        if '"' in gap:
            quoted ^= gap.count('"') % 2 == 1


def add_pronouns(reading: Reading, words: list[int]) -> None:
    """Mark the pronouns that may stand for the source: after a mention of it, and of the sex these mostly are."""
    source, name = BIT["source"], BIT["name"]
    is_last, counts = False, {"she": 0, "he": 0}
    pronouns: list[tuple[int, str]] = []
    for at, key in enumerate(reading.keys):
        if words[at] & source:
            is_last = True
        elif words[at] & name and reading.cases[at]:
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


def _bit_of(match: Match) -> int:
    kind = match.kind.partition(".")[0]
    if kind in {"organisation", "reference"}:
        return BIT["organisation"]
    if kind not in _SPEAK_OF_SOMEBODY:
        return 0
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
    for at in range(min(len(("first", "second")), len(placed))):
        placed[at] |= BIT["opening"]
        placed[-1 - at] |= BIT["closing"]
    return placed


def scores_of(reading: Reading, phrases: Sequence[Phrase], masks: Sequence[int]) -> list[float]:
    """Return how much each phrase weighs."""
    around = {
        sentence: _weight("sentence", mask) + _weight("sentence_before", before)
        for sentence, (mask, before) in _sentences(phrases, masks).items()
    }
    words = [_WORD_WEIGHTS.get(key, 0.0) for key in reading.keys]
    pairs = [_PAIR_WEIGHTS.get(pair, 0.0) for pair in pairwise(reading.keys)]
    weights = [(0.0, 0.0, 0.0), *map(_weights_of, masks), (0.0, 0.0, 0.0)]
    return [
        weights[at][1]
        + weights[at + 1][0]
        + weights[at + 2][2]
        + around[phrase.sentence]
        + sum(words[phrase.first : phrase.last + 1])
        + sum(pairs[phrase.first : phrase.last])
        for at, phrase in enumerate(phrases)
    ]


@lru_cache(maxsize=32768)
def _weights_of(mask: int) -> tuple[float, float, float]:
    """Return what a phrase's bits weigh for itself, for the phrase after it and for the one before it."""
    return _weight("here", mask), _weight("before", mask), _weight("after", mask)


def words_of(keys: Sequence[str]) -> set[str]:
    """Return the names of what is weighed of a phrase's words themselves."""
    return {f"w:{key}" for key in keys if key.isalpha()} | {
        f"p:{one}+{two}" for one, two in pairwise(keys) if one.isalpha() and two.isalpha()
    }


def _sentences(phrases: Sequence[Phrase], masks: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the bits of each sentence and of the one before it."""
    sentences: dict[int, int] = {}
    for phrase, mask in zip(phrases, masks, strict=True):
        sentences[phrase.sentence] = sentences.get(phrase.sentence, 0) | mask
    return {sentence: (mask, sentences.get(sentence - 1, 0)) for sentence, mask in sentences.items()}


def sides_of(phrases: Sequence[Phrase], masks: Sequence[int]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Return each phrase's bits with those of its neighbours and its sentence: what `scores_of` weighs, for fitting."""
    sentences = _sentences(phrases, masks)
    padded = [0, *masks, 0]
    for at, phrase in enumerate(phrases):
        sentence, sentence_before = sentences[phrase.sentence]
        yield (
            ("here", masks[at]),
            ("before", padded[at]),
            ("after", padded[at + 2]),
            ("sentence", sentence),
            ("sentence_before", sentence_before),
        )


def _weight(side: str, mask: int) -> float:
    """Return the weight of a side's bits, eight of them at a time."""
    weight, tables = 0.0, _tables(side, mask & _SPEAKER_BITS if side == "here" else 0)
    for table in tables:
        weight += table[mask & 255]
        mask >>= 8
    return weight


@lru_cache(maxsize=1024)
def _tables(side: str, speakers: int) -> tuple[tuple[float, ...], ...]:
    """Return, for each eight bits, the weights of all their combinations beside certain speakers."""
    singles = [_weight_of_bit(side, name, speakers) for name in NAMES]
    tables = [_combinations(singles[first : first + 8]) for first in range(0, len(singles), 8)]
    always = WEIGHTS.get("here:always", 0.0) if side == "here" else 0.0
    return (tuple(weight + always for weight in tables[0]), *tables[1:])


def _weight_of_bit(side: str, name: str, speakers: int) -> float:
    weight = WEIGHTS.get(f"{side}:{name}", 0.0)
    beside = (one for one in _SPEAKERS if speakers & BIT[one] and one != name)
    return weight + sum(WEIGHTS.get(f"here:{one}+{name}", 0.0) for one in beside)


def _combinations(singles: list[float]) -> tuple[float, ...]:
    weights = [0.0]
    for single in singles:
        weights += [weight + single for weight in weights]
    return (*weights, *[0.0] * (256 - len(weights)))


def features_of(side: str, mask: int) -> list[str]:
    """Return the names of what is weighed of one side of a phrase."""
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


weigh_by(_weights())
