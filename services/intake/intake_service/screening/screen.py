"""Screens a submission: decides by its texts and its risk answers whether an officer must look at once (D-T0).

A rule that is certain decides alone, whatever stands around its phrase. Otherwise the learned part decides. The rules
that fire are among the features it weighs, since a phrase that alarms alone is often explained by the next. A text that
weighs too little is weighed once more, sentence by sentence.

A text that could not be read to its end, for want of time or because of a fault here, is not harmless: "not screened"
is a hit like any other, beside those found before. A passage that is not in English is not read either: it is a hit
with its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.deadline import NEVER, Deadline, OutOfTimeError
from intake_service.screening.features import Reading
from intake_service.screening.keeping import keep
from intake_service.screening.languages import load_languages
from intake_service.screening.learned import load_learned
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.windows import Size, Window, read_text, read_windows
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.restricted import SafetyHit
from pipeline_shared.language.vocabulary import Answer, SafetyReason

LEXICON = load_lexicon()
LEARNED = load_learned()
LANGUAGES = load_languages()
# What names or numbers a subject: a nickname is not an event, so only what is certain counts there.
IDENTITY = frozenset({"name", "also_known_as", "postcode", "registration", "number"})
ANSWERED = {
    "immediate_danger": SafetyReason.IMMINENT,
    "child_at_risk": SafetyReason.CHILD_AT_RISK,
    "adult_at_risk": SafetyReason.ADULT_AT_RISK,
    "weapon": SafetyReason.WEAPON,
    "missing_person": SafetyReason.MISSING,
}
Place = tuple[str, int, int]  # a rule, and where what it found begins and ends


class Level(StrEnum):
    """How soon somebody must look."""

    HIGH = "high"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen found; a rule that joins phrases has a hit for each of them."""

    hits: tuple[SafetyHit, ...] = ()

    @property
    def level(self) -> Level:
        """Return HIGH when anything was found that counts."""
        return Level.HIGH if self.hits else Level.ORDINARY

    @property
    def reasons(self) -> frozenset[SafetyReason]:
        """Return why, in the words of D-T0."""
        return frozenset(hit.reason for hit in self.hits)


def screen(texts: Mapping[str, str], answers: RiskAnswers, deadline: Deadline = NEVER) -> Screening:
    """Screen a submission's texts, each under its path, and its risk answers; at the deadline the rest is unscreened.

    Raises nothing: a text that cannot be screened is a hit with that reason. Of many hits `keep` chooses.
    """
    hits = [*answered(answers)]
    for path, text in texts.items():
        reasons: dict[Place, SafetyReason] = {}  # windows overlap: what two of them say is said once
        unread: tuple[SafetyHit, ...] = ()
        try:
            unread = tuple(_not_english(path, text))
            _look(path, text, reasons, deadline)
        except OutOfTimeError:
            unread = (*unread, unscreened("out_of_time", path))
        except Exception:  # noqa: BLE001 - a fault here must not keep a submission out, nor an officer in the dark
            unread = (*unread, unscreened("failed", path))
        places = reasons.items()
        hits.extend(SafetyHit(rule=r, reason=why, path=path, start=start, end=end) for (r, start, end), why in places)
        hits.extend(unread)
    return Screening(keep(hits))


def unscreened(why: str, path: str = "") -> SafetyHit:
    """Return the hit that says that the text at a path, or the whole submission, has not been screened."""
    return SafetyHit(rule=f"unscreened.{why}", reason=SafetyReason.UNSCREENED, path=path, start=0, end=0)


def is_high(narrative: str) -> bool:
    """Tell whether a narrative alone makes a submission HIGH."""
    return screen({"narrative": narrative}, RiskAnswers()).level is Level.HIGH


def answered(answers: RiskAnswers) -> Iterator[SafetyHit]:
    """Yield a hit for each risk the submitter affirms; "no" and "not known" say nothing."""
    for name, reason in ANSWERED.items():
        if getattr(answers, name) is Answer.YES:
            yield SafetyHit(rule=f"answer.{name}", reason=reason, path=f"risk.{name}", start=0, end=0)


def _not_english(path: str, text: str) -> Iterator[SafetyHit]:
    """Yield a hit for each passage that is not in English, and so was not read; names are of every language."""
    if not _is_identity(path):
        for start, end in LANGUAGES.find(text):
            rule, reason = "unread.other_language", SafetyReason.OTHER_LANGUAGE
            yield SafetyHit(rule=rule, reason=reason, path=path, start=start, end=end)


def _is_identity(path: str) -> bool:
    return path.startswith("subjects.") and path.rpartition(".")[2] in IDENTITY


def _look(path: str, text: str, reasons: dict[Place, SafetyReason], deadline: Deadline) -> None:
    """Add what is found in a text to `reasons`; raise OutOfTimeError."""
    deadline.check()
    reading = read_text(text, LEXICON, LEARNED.families.of)
    is_identity = _is_identity(path)
    for window in read_windows(reading, LEXICON, deadline):
        if window.size is Size.SENTENCE and reasons:
            break
        if window.is_certain:
            reasons |= _of_rules(reading, window)
        elif not is_identity and LEARNED.is_high(reading, window):
            reasons |= _of_rules(reading, window) | _of_weights(reading, window)


def _of_rules(reading: Reading, window: Window) -> dict[Place, SafetyReason]:
    starts, ends = reading.words.starts, reading.words.ends
    return {
        (rule.id, starts[one.first], ends[one.after - 1]): rule.reason
        for rule, phrases in window.fired
        if window.is_sure_of(rule) or (rule.explains and not window.is_certain)
        for one in phrases
    }


def _of_weights(reading: Reading, window: Window) -> dict[Place, SafetyReason]:
    starts, ends = reading.words.starts, reading.words.ends
    reason, phrases = LEARNED.explain(reading, window)
    rule = f"learned.{reason}" if reason else "learned.words"
    return {(rule, starts[first], ends[after - 1]): reason or SafetyReason.SERIOUS_HARM for first, after in phrases}
