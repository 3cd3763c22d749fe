"""The page of a case: the submission, the recommendation, the decision, the history. No SQL, no HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline_shared.access.states import CaseState
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.web.rendering import day, days, moment
from triage_service.cases.decision import Decision
from triage_service.cases.domain import CaseFile
from triage_service.cases.labels import CUT, ELLIPSIS, LABELS, PRIORITY_COLOURS, headline, with_route
from triage_service.wording import (
    LEVEL_COLOURS,
    SAFETY_LEVELS,
    SAFETY_REASONS,
    RiskLine,
    person_cells,
    risk_lines,
    words,
)

RAISED_TO: Mapping[SafetyLevel, str] = {
    SafetyLevel.NOW: "The safety screen raised it to immediate",
    SafetyLevel.SOON: "The safety screen says that an officer should look soon, before any ordinary case",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One entry in the history of a case."""

    when: str
    what: str
    by: str
    detail: str = ""
    taken_from: str = ""


@dataclass(frozen=True, slots=True)
class DecisionLines:
    """The text lines of a decision."""

    what: str
    by: str
    at: datetime
    reason: str
    disposal_on: date | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """All data on the page of a case."""

    file: CaseFile
    headline: str
    state: str
    age: str
    priority: str
    colour: str
    recommended: str
    category: str
    known_how: str
    agency: str
    risk: Sequence[RiskLine]
    people: Sequence[Sequence[str]]
    places: Sequence[Sequence[str]]
    vehicles: Sequence[Sequence[str]]
    phones: Sequence[Sequence[str]]
    raised_by: str
    raised_to: str
    level: str
    level_colour: str
    decision: DecisionLines | None
    history: Sequence[Step]

    @property
    def is_waiting(self) -> bool:
        """Tell whether the case waits for a decision."""
        return self.file.case.state is CaseState.WAITING

    def is_decided_by_another_than(self, person: str) -> bool:
        """Tell whether the decision that counts is another person's."""
        return self.file.decision is not None and self.file.decision.decided_by != person


def case_page(file: CaseFile, name_of: Callable[[str], str], *, today: date) -> CasePage:
    """Return the page data of a case."""
    case, advice, subjects = file.case, file.case.recommendation, file.case.content.subjects
    return CasePage(
        file=file,
        headline=headline(case.content.title or case.content.narrative[:CUT] + ELLIPSIS),
        state=LABELS[case.state],
        age=days(today - case.received_on),
        priority=words(advice.priority),
        colour=PRIORITY_COLOURS[advice.priority],
        recommended=with_route(advice.outcome, advice.route),
        category=words(case.content.category),
        known_how=words(case.content.known_how),
        agency=words(case.agency_category),
        risk=list(risk_lines(case.content.risk)),
        people=[person_cells(person) for person in subjects.people],
        places=[(place.description, place.postcode) for place in subjects.places],
        vehicles=[(vehicle.description or "Vehicle", vehicle.registration) for vehicle in subjects.vehicles],
        phones=[(phone.number, phone.note) for phone in subjects.phones],
        raised_by=", ".join(SAFETY_REASONS[reason].lower() for reason in advice.raised_by),
        raised_to=RAISED_TO.get(advice.safety_level, ""),
        level=SAFETY_LEVELS[advice.safety_level],
        level_colour=LEVEL_COLOURS.get(advice.safety_level, ""),
        decision=decision_lines(file.decision, name_of) if file.decision else None,
        history=list(_history(file, name_of)),
    )


def people_in(file: CaseFile) -> Iterator[str]:
    """Yield the ids of the people who acted on a case."""
    yield from (decision.decided_by for decision in file.decisions)
    yield from (reopening.reopened_by for reopening in file.reopenings)
    for takeover in file.takeovers:
        yield from (takeover.taken_from, takeover.taken_by)


def decision_lines(decision: Decision, name_of: Callable[[str], str]) -> DecisionLines:
    """Return the text lines of a decision."""
    what = with_route(decision.outcome, decision.route)
    if decision.reason_code:
        what = f"{what}: {LABELS[decision.reason_code][0].lower()}{LABELS[decision.reason_code][1:]}"
    return DecisionLines(what, name_of(decision.decided_by), decision.decided_at, decision.reason, decision.disposal_on)


def _history(file: CaseFile, name_of: Callable[[str], str]) -> Iterator[Step]:
    case, advice = file.case, file.case.recommendation
    recommended = with_route(advice.outcome, advice.route)
    yield Step(day(case.received_on), "Received", "The rules", f"{recommended} ({advice.fired.id})")
    for _, step in sorted(_acts(file, name_of), key=lambda act: act[0]):
        yield step


def _acts(file: CaseFile, name_of: Callable[[str], str]) -> Iterator[tuple[datetime, Step]]:
    """Yield what people and the police system did with a case, each with its time, in no order."""
    for decided in file.decisions:
        decision = decision_lines(decided, name_of)
        yield decision.at, Step(moment(decision.at), decision.what, decision.by, decision.reason)
    for reopened in file.reopenings:
        at, by = reopened.reopened_at, name_of(reopened.reopened_by)
        yield at, Step(moment(at), "Reopened", by, reopened.reason)
    for taken in file.takeovers:
        at, by, owner = taken.taken_at, name_of(taken.taken_by), name_of(taken.taken_from)
        yield at, Step(moment(at), "Safety flag taken over", by, taken.reason, taken_from=owner)
    if file.case.transferred_at:
        at, reference = file.case.transferred_at, f"Police reference {file.case.police_reference}"
        yield at, Step(moment(at), LABELS[CaseState.TRANSFERRED], "Transfer", reference)
