"""Screening a submission: what its text and its answers say, and so whether an officer must look at once (D-T0).

A rule that is certain decides alone, whatever stands around it. Otherwise the learned part decides, and what the rules
found is part of what it weighs, since a phrase that alarms alone is often explained by the next. A text in which it
finds nothing is weighed once more, sentence by sentence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.features import Reading
from intake_service.screening.learned import load_learned
from intake_service.screening.lexicon import load_lexicon
from intake_service.screening.stretches import Size, Stretch, read_stretches, read_text
from pipeline_shared.submission import Answer, RiskAnswers, SafetyHit, SafetyReason

LEXICON = load_lexicon()
LEARNED = load_learned()
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


def screen(texts: Mapping[str, str], answers: RiskAnswers) -> Screening:
    """Screen a submission's texts, each under its path, and its risk answers."""
    hits = [*_answered(answers), *(hit for path, text in texts.items() for hit in _said(path, text))]
    return Screening(tuple(hits))


def is_high(narrative: str) -> bool:
    """Tell whether a narrative alone makes a submission HIGH."""
    return screen({"narrative": narrative}, RiskAnswers()).level is Level.HIGH


def _answered(answers: RiskAnswers) -> Iterator[SafetyHit]:
    """Yield a hit for each risk the submitter affirms; "no" and "not known" say nothing."""
    for name, reason in ANSWERED.items():
        if getattr(answers, name) is Answer.YES:
            yield SafetyHit(rule=f"answer.{name}", reason=reason, path=f"risk.{name}", start=0, end=0)


def _said(path: str, text: str) -> Iterator[SafetyHit]:
    reading = read_text(text, LEXICON, LEARNED.families.of)
    is_identity = path.startswith("subjects.") and path.rpartition(".")[2] in IDENTITY
    reasons: dict[Place, SafetyReason] = {}  # stretches overlap: what both say is said once
    for stretch in read_stretches(reading, LEXICON):
        if stretch.size is Size.SENTENCE and reasons:
            break
        if stretch.is_certain:
            reasons |= _of_rules(reading, stretch)
        elif not is_identity and LEARNED.is_high(reading, stretch):
            reasons |= _of_rules(reading, stretch) | _of_weights(reading, stretch)
    for (rule, start, end), reason in reasons.items():
        yield SafetyHit(rule=rule, reason=reason, path=path, start=start, end=end)


def _of_rules(reading: Reading, stretch: Stretch) -> dict[Place, SafetyReason]:
    starts, ends = reading.words.starts, reading.words.ends
    return {
        (rule.id, starts[one.first], ends[one.after - 1]): rule.reason
        for rule, phrases in stretch.fired
        if rule.certain or (rule.explains and not stretch.is_certain)
        for one in phrases
    }


def _of_weights(reading: Reading, stretch: Stretch) -> dict[Place, SafetyReason]:
    starts, ends = reading.words.starts, reading.words.ends
    reason, phrases = LEARNED.explain(reading, stretch)
    rule = f"learned.{reason}" if reason else "learned.words"
    return {(rule, starts[first], ends[after - 1]): reason or SafetyReason.SERIOUS_HARM for first, after in phrases}
