"""The level of one text: certain rules, then the words' score and, where it can change the level, the encoder's.

The encoder does not read a text whose words weigh so little that it could not raise it. The sentence that weighs most
is weighed once more as if it stood alone, and so is the text without greeting and signature: neither these nor other
news around a danger must hide it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from intake_service.screening.courtesies import without_courtesies
from intake_service.screening.deadline import Deadline
from intake_service.screening.encoder_reading import NOT_READ, EncoderReading, read_with_encoder
from intake_service.screening.features import Reading
from intake_service.screening.learned import heaviest_phrases, load_learned
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.policy import highest
from intake_service.screening.stack import Bars, Stack, load_stacks
from intake_service.screening.windows import Size, Window, read_text, read_windows
from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason

LEXICON = load_lexicon()
LEARNED = load_learned()
STACKS = load_stacks()
BY_ENCODER = "encoder.sentence"
Place = tuple[str, int, int]  # a rule, and the start and end of its match


@dataclass(slots=True)
class Found:
    """What was found in a text so far: reasons by place, and the level."""

    reasons: dict[Place, SafetyReason] = field(default_factory=dict[Place, SafetyReason])
    level: SafetyLevel = SafetyLevel.ORDINARY


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, or a sentence as if it stood alone; `start` is its place in the text."""

    text: str
    start: int
    reading: Reading
    windows: Sequence[Window]

    @property
    def is_certain(self) -> bool:
        """Tell whether a certain rule matches."""
        return any(window.is_certain for window in self.windows)

    @property
    def stack(self) -> Stack:
        """Return the stack for a passage of this size."""
        return STACKS.few_words if self.windows[0].size is Size.FEW_WORDS else STACKS.usual


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the words and the encoder say of a passage, and its heaviest window."""

    passage: Passage
    words: float
    heaviest: Window
    read: EncoderReading

    @property
    def score(self) -> float:
        """Return the score of the stack."""
        return self.passage.stack.score(self.words, self.read.score, is_certain=self.passage.is_certain)

    @property
    def level(self) -> SafetyLevel:
        """Return the level of the passage as a whole text."""
        return self.passage.stack.level(self.words, self.read.score, is_certain=self.passage.is_certain)


def look(text: str, found: Found, deadline: Deadline, allowance: Allowance, *, only_certain: bool) -> None:
    """Add what a text says to `found`; to a field that names a subject or a place only certain rules apply.

    Raises EncoderError and OutOfTimeError; what was found before stays.
    """
    whole = _passage(text, 0, deadline)
    if not whole.reading.tokens:
        return
    for window in whole.windows:
        if window.is_certain:
            found.reasons |= _of_rules(whole, window)
            found.level = SafetyLevel.SOON
    if only_certain and not whole.is_certain:
        return
    weighed = _weigh(whole, deadline, allowance)
    found.level = weighed.level
    for level, part in _parts(whole, deadline, allowance) if found.level is not SafetyLevel.NOW else ():
        if highest((level, found.level)) is not found.level:
            found.level, weighed = level, part
    by_score = found.level is SafetyLevel.NOW and not weighed.passage.stack.rings_when_certain
    if found.level is not SafetyLevel.ORDINARY and (by_score or not found.reasons):
        found.reasons |= _explained(weighed)


def _passage(text: str, start: int, deadline: Deadline) -> Passage:
    deadline.check()
    reading = read_text(text, LEXICON, LEARNED.families.of)
    return Passage(text, start, reading, list(read_windows(reading, LEXICON, deadline)))


def _weigh(passage: Passage, deadline: Deadline, allowance: Allowance, bars: Bars | None = None) -> Weighed:
    """Weigh a passage; the encoder reads it only where its level depends on that, by its stack or by other bars."""
    whole = [window for window in passage.windows if window.size is not Size.SENTENCE]
    words, heaviest = _heaviest(passage.reading, whole, deadline)
    read = NOT_READ
    if passage.stack.needs_head(words, is_certain=passage.is_certain, bars=bars):
        near = passage.reading.words.starts[heaviest.first]
        read = read_with_encoder(passage.text, deadline, allowance, near=near)
    return Weighed(passage, words, heaviest, read)


def _heaviest(reading: Reading, windows: Iterable[Window], deadline: Deadline) -> tuple[float, Window]:
    scored: list[tuple[float, Window]] = []
    for window in windows:
        deadline.check()
        scored.append((LEARNED.score(reading, window), window))
    return max(scored, key=lambda one: one[0])


def _parts(whole: Passage, deadline: Deadline, allowance: Allowance) -> Iterator[tuple[SafetyLevel, Weighed]]:
    """Yield parts of a text, each weighed as if it stood alone, with the level that it gives the text."""
    text, words = whole.text, whole.reading.words
    start, end = without_courtesies(text)
    if end - start < len(text) and (said := _passage(text[start:end], start, deadline)).reading.tokens:
        weighed = _weigh(said, deadline, allowance)
        yield weighed.level, weighed
    sentences = [window for window in whole.windows if window.size is Size.SENTENCE]
    if sentences:
        _, loudest = _heaviest(whole.reading, sentences, deadline)
        start, end = words.starts[loudest.first], words.ends[loudest.after - 1]
        weighed = _weigh(_passage(text[start:end], start, deadline), deadline, allowance, STACKS.alone)
        yield STACKS.alone.level(weighed.score), weighed


def _explained(weighed: Weighed) -> dict[Place, SafetyReason]:
    """Return the places whose words weighed most; there is always one."""
    passage, reading = weighed.passage, weighed.passage.reading
    reason, phrases = LEARNED.explain(reading, weighed.heaviest)
    why = reason or SafetyReason.SERIOUS_HARM
    rule = f"learned.{reason}" if reason else "learned.words"
    by_encoder = heaviest_phrases(reading, weighed.read.weight_of_words(reading)) if weighed.read.score > 0 else []
    named = [*((rule, phrase) for phrase in phrases), *((BY_ENCODER, phrase) for phrase in by_encoder)]
    places = {(name, *_place(passage, first, after)): why for name, (first, after) in named}
    everything = (BY_ENCODER, passage.start, passage.start + len(passage.text))
    return _of_rules(passage, weighed.heaviest) | places or {everything: why}


def _of_rules(passage: Passage, window: Window) -> dict[Place, SafetyReason]:
    return {
        (rule.id, *_place(passage, one.first, one.after)): rule.reason
        for rule, phrases in window.fired
        if window.is_sure_of(rule) or (rule.explains and not window.is_certain)
        for one in phrases
    }


def _place(passage: Passage, first: int, after: int) -> tuple[int, int]:
    """Return the place in the text of the words from `first` up to, not including, `after`."""
    words = passage.reading.words
    return passage.start + words.starts[first], passage.start + words.ends[after - 1]
