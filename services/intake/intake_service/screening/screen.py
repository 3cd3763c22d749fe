"""Screening a submission: what its text and its answers say, and so whether an officer must look at once (D-T0).

In a few words the rules alone decide: there is nothing to weigh. In more the learned part decides, and what the rules
found is part of what it weighs, since a phrase that alarms alone is often explained by what stands around it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.features import Reading
from intake_service.screening.learned import load_learned
from intake_service.screening.lexicon import Reason, load_lexicon
from intake_service.screening.stretches import Stretch, read_stretches, read_text
from pipeline_shared.submission import Answer, RiskAnswers

LEXICON = load_lexicon()
LEARNED = load_learned()
FEW_WORDS = 12
ANSWERED = {
    "immediate_danger": Reason.IMMINENT,
    "child_at_risk": Reason.CHILD_AT_RISK,
    "adult_at_risk": Reason.ADULT_AT_RISK,
    "weapon": Reason.WEAPON,
    "missing_person": Reason.MISSING,
}


class Level(StrEnum):
    """How soon somebody must look."""

    HIGH = "high"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired, and one phrase it fired on: `path` names the text or the answer, an answer has no phrase."""

    rule: str
    reason: Reason
    path: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen found; a rule that joins phrases has a hit for each of them."""

    hits: tuple[Hit, ...] = ()

    @property
    def level(self) -> Level:
        """Return HIGH when any rule fired."""
        return Level.HIGH if self.hits else Level.ORDINARY

    @property
    def reasons(self) -> frozenset[Reason]:
        """Return why, in the words of D-T0."""
        return frozenset(hit.reason for hit in self.hits)


def screen(texts: Mapping[str, str], answers: RiskAnswers) -> Screening:
    """Screen a submission's texts, each under its path, and its risk answers."""
    hits = [*_answered(answers), *(hit for path, text in texts.items() for hit in _said(path, text))]
    return Screening(tuple(hits))


def is_high(narrative: str) -> bool:
    """Tell whether a narrative alone makes a submission HIGH."""
    return screen({"narrative": narrative}, RiskAnswers()).level is Level.HIGH


def _answered(answers: RiskAnswers) -> Iterator[Hit]:
    """Yield a hit for each risk the submitter affirms; "no" and "not known" say nothing."""
    for name, reason in ANSWERED.items():
        if getattr(answers, name) is Answer.YES:
            yield Hit(f"answer.{name}", reason, f"risk.{name}")


def _said(path: str, text: str) -> Iterator[Hit]:
    reading = read_text(text, LEXICON, LEARNED.families.of)
    hits: dict[Hit, None] = {}  # stretches overlap: what both say is said once
    for stretch in read_stretches(reading, LEXICON):
        if stretch.after - stretch.first < FEW_WORDS:
            hits.update(dict.fromkeys(_of_rules(path, reading, stretch)))
        elif LEARNED.is_high(stretch.features):
            hits.update(dict.fromkeys([*_of_rules(path, reading, stretch), *_of_weights(path, reading, stretch)]))
    yield from hits


def _of_rules(path: str, reading: Reading, stretch: Stretch) -> Iterator[Hit]:
    starts, ends = reading.words.starts, reading.words.ends
    for rule, phrases in stretch.fired:
        for one in phrases:
            yield Hit(rule.id, rule.reason, path, starts[one.first], ends[one.after - 1])


def _of_weights(path: str, reading: Reading, stretch: Stretch) -> Iterator[Hit]:
    reason, places = LEARNED.explain(reading, stretch.first, stretch.after)
    rule = f"learned.{reason}" if reason else "learned.words"
    for at in places:
        yield Hit(rule, reason or Reason.IMMINENT, path, reading.words.starts[at], reading.words.ends[at])
