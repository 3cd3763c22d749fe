"""The level of one text: certain rules, then the words' score and, where it can change the level, the encoder's.

The encoder does not read a text whose words weigh so little that it could not raise it. A single sentence that alarms
by its words makes a text SOON.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from intake_service.screening.deadline import Deadline
from intake_service.screening.encoder_reading import EncoderReading, read_with_encoder
from intake_service.screening.features import Reading
from intake_service.screening.learned import heaviest_phrases, load_learned
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.stack import load_stacks
from intake_service.screening.windows import Size, Window, read_text, read_windows
from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason

LEXICON = load_lexicon()
LEARNED = load_learned()
STACKS = load_stacks()
BY_ENCODER = "encoder.sentence"
NOT_READ = EncoderReading(0.0, ())
Place = tuple[str, int, int]  # a rule, and the start and end of its match


@dataclass(slots=True)
class Found:
    """What was found in a text so far: reasons by place, and the level."""

    reasons: dict[Place, SafetyReason] = field(default_factory=dict[Place, SafetyReason])
    level: SafetyLevel = SafetyLevel.ORDINARY


def look(text: str, found: Found, deadline: Deadline, allowance: Allowance, *, only_certain: bool) -> None:
    """Add what a text says to `found`; to a field that names a subject, a time or a place only certain rules apply.

    Raises EncoderError, OutOfTimeError and TooLongError; what was found before stays.
    """
    deadline.check()
    reading = read_text(text, LEXICON, LEARNED.families.of)
    windows = list(read_windows(reading, LEXICON, deadline))
    for window in windows:
        if window.is_certain:
            found.reasons |= _of_rules(reading, window)
            found.level = SafetyLevel.SOON
    is_certain = bool(found.reasons)
    if not reading.tokens or (only_certain and not is_certain):
        return
    whole = [window for window in windows if window.size is not Size.SENTENCE]
    words, heaviest = _heaviest(reading, whole, deadline)
    stack = STACKS.few_words if heaviest.size is Size.FEW_WORDS else STACKS.usual
    needs_encoder = stack.needs_head(words, is_certain=is_certain)
    read = read_with_encoder(text, deadline, allowance) if needs_encoder else NOT_READ
    found.level = stack.level(words, read.score, is_certain=is_certain)
    alarming = _alarming_sentence(reading, windows, deadline) if found.level is SafetyLevel.ORDINARY else None
    if alarming:
        found.level, heaviest = SafetyLevel.SOON, alarming
    by_score = found.level is SafetyLevel.NOW and not stack.rings_when_certain
    if found.level is not SafetyLevel.ORDINARY and (by_score or not is_certain):
        found.reasons |= _explained(text, reading, heaviest, read)


def _heaviest(reading: Reading, windows: Iterable[Window], deadline: Deadline) -> tuple[float, Window]:
    scored: list[tuple[float, Window]] = []
    for window in windows:
        deadline.check()
        scored.append((LEARNED.score(reading, window), window))
    return max(scored, key=lambda one: one[0])


def _alarming_sentence(reading: Reading, windows: Iterable[Window], deadline: Deadline) -> Window | None:
    """Return the first sentence that alarms alone, as one line in a text about other things may."""
    for window in windows:
        deadline.check()
        if window.size is Size.SENTENCE and LEARNED.score(reading, window) >= STACKS.sentence:
            return window
    return None


def _explained(text: str, reading: Reading, window: Window, read: EncoderReading) -> dict[Place, SafetyReason]:
    """Return the places whose words weighed most; there is always one."""
    reason, phrases = LEARNED.explain(reading, window)
    why = reason or SafetyReason.SERIOUS_HARM
    rule = f"learned.{reason}" if reason else "learned.words"
    by_encoder = heaviest_phrases(reading, read.weight_of_words(reading)) if read.score > 0 else []
    named = [*((rule, phrase) for phrase in phrases), *((BY_ENCODER, phrase) for phrase in by_encoder)]
    starts, ends = reading.words.starts, reading.words.ends
    places = {(name, starts[first], ends[after - 1]): why for name, (first, after) in named}
    return _of_rules(reading, window) | places or {(BY_ENCODER, 0, len(text)): why}


def _of_rules(reading: Reading, window: Window) -> dict[Place, SafetyReason]:
    starts, ends = reading.words.starts, reading.words.ends
    return {
        (rule.id, starts[one.first], ends[one.after - 1]): rule.reason
        for rule, phrases in window.fired
        if window.is_sure_of(rule) or (rule.explains and not window.is_certain)
        for one in phrases
    }
