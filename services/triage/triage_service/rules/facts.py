"""The facts that the rules can test: each fact, its possible values, and its words for an officer.

A rule with any other fact or value is refused when the table is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import AgencyCategory, Answer, Category, KnownHow, PersonTag

Facts = Mapping[str, str | int]


class YesNo(StrEnum):
    """A fact that is either true or false."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Choice:
    """A fact with a few named values."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A fact that is a whole number, 0 or more."""

    label: str


def _choice(label: str, values: type[StrEnum]) -> Choice:
    return Choice(label, tuple(value.value for value in values))


FACTS: Mapping[str, Choice | Count] = MappingProxyType(
    {
        "category": _choice("the category", Category),
        "known_how": _choice("how it is known", KnownHow),
        "agency_category": _choice("the kind of agency", AgencyCategory),
        "immediate_danger": _choice("immediate danger", Answer),
        "child_at_risk": _choice("a child at risk", Answer),
        "adult_at_risk": _choice("an adult at risk", Answer),
        "weapon": _choice("a weapon", Answer),
        "missing_person": _choice("a missing person", Answer),
        "suspect": _choice("a person tagged as suspect", YesNo),
        "victim": _choice("a person tagged as victim", YesNo),
        "when_known": _choice("a date given", YesNo),
        "people": Count("the number of people"),
        "places": Count("the number of places"),
        "vehicles": Count("the number of vehicles"),
        "phones": Count("the number of phones"),
        "subjects": Count("the number of people, places, vehicles and phones"),
        "narrative_length": Count("the length of the text in characters"),
    }
)


def facts_of(content: SanitisedContent, agency_category: AgencyCategory) -> Facts:
    """Return the facts of a case."""
    subjects, risk = content.subjects, content.risk
    tags = {tag for person in subjects.people for tag in person.tags}
    counts = {name: len(getattr(subjects, name)) for name in ("people", "places", "vehicles", "phones")}
    return {
        "category": content.category.value,
        "known_how": content.known_how.value,
        "agency_category": agency_category.value,
        **{name: answer.value for name, answer in risk},
        "suspect": _yes_no(holds=PersonTag.SUSPECT in tags),
        "victim": _yes_no(holds=PersonTag.VICTIM in tags),
        "when_known": _yes_no(holds=content.occurrence.began is not None),
        **counts,
        "subjects": sum(counts.values()),
        "narrative_length": len(content.narrative),
    }


def _yes_no(*, holds: bool) -> str:
    return (YesNo.YES if holds else YesNo.NO).value
