"""Screens a submission: its texts and risk answers decide whether an officer must look at once (D-T0).

A certain rule decides alone, whatever the words around its phrase. Otherwise the learned part decides. The rules that
fire are among the features that it weighs, since the next words often explain an alarming phrase. A text below the
threshold is weighed again, sentence by sentence.

A text that was not screened completely, because of the time limit or a fault here, is not assumed to be harmless: it
gets an "unscreened" hit, besides the hits found before. A passage that is not English gets a hit with its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.deadline import NEVER, Deadline, OutOfTimeError
from intake_service.screening.features import Reading
from intake_service.screening.hit_limit import keep
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
# Fields that name or number a subject. A nickname is not an event, so only certain rules apply to them.
IDENTITY = frozenset({"name", "also_known_as", "postcode", "registration", "number"})
ANSWERED = {
    "immediate_danger": SafetyReason.IMMINENT,
    "child_at_risk": SafetyReason.CHILD_AT_RISK,
    "adult_at_risk": SafetyReason.ADULT_AT_RISK,
    "weapon": SafetyReason.WEAPON,
    "missing_person": SafetyReason.MISSING,
}
Place = tuple[str, int, int]  # a rule, and the start and end of its match


class Level(StrEnum):
    """The urgency of a submission."""

    HIGH = "high"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Screening:
    """The hits of the screen. A rule that combines phrases has one hit for each phrase."""

    hits: tuple[SafetyHit, ...] = ()

    @property
    def level(self) -> Level:
        """Return HIGH when there is any hit."""
        return Level.HIGH if self.hits else Level.ORDINARY

    @property
    def reasons(self) -> frozenset[SafetyReason]:
        """Return the safety reasons of the hits (D-T0)."""
        return frozenset(hit.reason for hit in self.hits)


def screen(texts: Mapping[str, str], answers: RiskAnswers, deadline: Deadline = NEVER) -> Screening:
    """Screen a submission's texts (by path) and risk answers; texts left at the deadline are unscreened.

    Raises nothing: a text that cannot be screened gets a hit with that reason. `keep` limits the number of hits.
    """
    hits = [*answered(answers)]
    for path, text in texts.items():
        reasons: dict[Place, SafetyReason] = {}  # windows overlap, so the same match may occur twice
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
    """Return the hit for a text, or a whole submission, that was not screened."""
    return SafetyHit(rule=f"unscreened.{why}", reason=SafetyReason.UNSCREENED, path=path, start=0, end=0)


def is_high(narrative: str) -> bool:
    """Tell whether a narrative alone makes a submission HIGH."""
    return screen({"narrative": narrative}, RiskAnswers()).level is Level.HIGH


def answered(answers: RiskAnswers) -> Iterator[SafetyHit]:
    """Yield a hit for each risk question answered with yes. "No" and "not known" have no effect."""
    for name, reason in ANSWERED.items():
        if getattr(answers, name) is Answer.YES:
            yield SafetyHit(rule=f"answer.{name}", reason=reason, path=f"risk.{name}", start=0, end=0)


def _not_english(path: str, text: str) -> Iterator[SafetyHit]:
    """Yield a hit for each passage that is not English; fields of names are not checked."""
    if not _is_identity(path):
        for start, end in LANGUAGES.find(text):
            rule, reason = "unread.other_language", SafetyReason.OTHER_LANGUAGE
            yield SafetyHit(rule=rule, reason=reason, path=path, start=start, end=end)


def _is_identity(path: str) -> bool:
    return path.startswith("subjects.") and path.rpartition(".")[2] in IDENTITY


def _look(path: str, text: str, reasons: dict[Place, SafetyReason], deadline: Deadline) -> None:
    """Add the matches in a text to `reasons`; raise OutOfTimeError."""
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
