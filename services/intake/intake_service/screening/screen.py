"""Screening a submission: which rules fire, on what, and so whether an officer must look at once (D-T0)."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.lexicon import Reason, Rule, load_lexicon
from intake_service.screening.matching import Found, find_concepts
from intake_service.screening.text import Words, read_words
from pipeline_shared.submission import Answer, RiskAnswers

LEXICON = load_lexicon()
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
    words = read_words(text, LEXICON.spellings)
    found = find_concepts(words, LEXICON)
    by_concept: dict[str, list[Found]] = {}
    for one in found:
        by_concept.setdefault(one.concept, []).append(one)
    for rule in LEXICON.rules:
        for one in _meeting(rule, by_concept):
            yield _hit(rule, path, words, one)


def _hit(rule: Rule, path: str, words: Words, one: Found) -> Hit:
    return Hit(rule.id, rule.reason, path, words.starts[one.first], words.ends[one.after - 1])


def _meeting(rule: Rule, by_concept: Mapping[str, list[Found]]) -> tuple[Found, ...]:
    """Return the first phrases that meet as a rule wants, one for each group; none when they do not."""
    if not rule.may_fire(by_concept.keys()):
        return ()
    groups = [[one for name in group for one in by_concept.get(name, ())] for group in rule.groups]
    unless = sorted(one.first for name in rule.unless for one in by_concept.get(name, ()))
    latest: dict[int, Found] = {}
    for one, group in sorted((one, group) for group, ones in enumerate(groups) for one in ones):
        latest[group] = one
        near = {other.first: other for other in latest.values() if one.first - other.after < rule.near}
        if len(near) >= rule.least and not _is_near(unless, one.first, rule.near):
            return tuple(near[first] for first in sorted(near))
    return ()


def _is_near(places: list[int], place: int, near: int) -> bool:
    at = bisect_left(places, place - near)
    return at < len(places) and places[at] <= place + near
