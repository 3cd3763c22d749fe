"""Cases as officers read them: labels, ages, what may be done. No SQL, no HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline_shared.language.content import Person
from pipeline_shared.language.vocabulary import Answer, Priority, SafetyReason
from pipeline_shared.web.rendering import day, days, moment
from triage_service.cases.decision_form import FormError
from triage_service.cases.domain import CaseState, Decision, Outcome, ReasonCode, RecommendedOutcome, Route
from triage_service.cases.store import QueueRow
from triage_service.cases.usecases import CaseFile
from triage_service.queue.usecases import PAGE_SIZE

CUT, ELLIPSIS = 90, "…"  # a text that stands for a title comes cut there, with this behind it

# A recommendation of an outcome is that outcome's own label: text enums of one value are one key.
LABELS: Mapping[StrEnum, str] = {
    Outcome.RECORD: "Record as intelligence",
    Outcome.NOT_RECORD: "Do not record",
    Outcome.OTHER_ROUTE: "Pass to another route",
    RecommendedOutcome.LOOK: "No recommendation: a person looks",
    Route.CRIME_DESK: "Crime desk",
    Route.MASH: "Safeguarding hub (MASH)",
    Route.PREVENT: "Prevent and counter-terrorism",
    ReasonCode.NO_POLICING_PURPOSE: "There is no policing purpose",
    ReasonCode.NOT_NECESSARY: "Recording it is not necessary for that purpose",
    ReasonCode.NOT_PROPORTIONATE: "The intrusion is not proportionate, or a less intrusive way would do",
    ReasonCode.NOT_ADEQUATE: "It is not accurate, adequate or relevant enough",
    ReasonCode.NOT_TIMELY: "It is out of date",
    CaseState.WAITING: "Waiting for a decision",
    CaseState.RECORDED: "Recorded, on its way to the police records system",
    CaseState.NOT_RECORDED: "Not recorded",
    CaseState.PASSED_ON: "Passed to another route",
    CaseState.TRANSFERRED: "Held by the police records system",
    SafetyReason.THREAT_TO_LIFE: "Threat to life",
    SafetyReason.SERIOUS_HARM: "Serious harm",
    SafetyReason.IMMINENT: "Danger at any moment",
    SafetyReason.CHILD_AT_RISK: "Child at risk",
    SafetyReason.ADULT_AT_RISK: "Adult at risk",
    SafetyReason.WEAPON: "Weapon",
    SafetyReason.MISSING: "Missing person",
    SafetyReason.UNSCREENED: "Not screened",
    SafetyReason.OTHER_LANGUAGE: "Not read: other language",
}
PRIORITY_COLOURS: Mapping[Priority, str] = {
    Priority.IMMEDIATE: "red",
    Priority.HIGH: "orange",
    Priority.ROUTINE: "blue",
    Priority.LOW: "grey",
}
RISK_QUESTIONS: Mapping[str, str] = {
    "immediate_danger": "Is anybody in immediate danger?",
    "child_at_risk": "Is a child at risk?",
    "adult_at_risk": "Is an adult at risk?",
    "weapon": "Is a weapon involved?",
    "missing_person": "Is anybody missing?",
}


def words(value: str) -> str:
    """Return a code as words: `serious_violence` → Serious violence."""
    return value.replace("_", " ").capitalize()


def headline(stored: str) -> str:
    """Return a title as it is, and a cut text that stands for one without half a word or a needless ellipsis."""
    if not stored.endswith(ELLIPSIS):
        return stored
    text = stored.removesuffix(ELLIPSIS)
    if len(text) < CUT:
        return text
    return (text.rpartition(" ")[0] or text).rstrip(" ,.;:") + ELLIPSIS


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One line of the queue."""

    row: QueueRow
    headline: str
    category: str
    priority: str
    colour: str
    recommended: str
    age: str
    state: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue."""

    lines: Sequence[QueueLine]
    is_waiting: bool
    counts: Mapping[str, int]
    number: int
    last: int

    @property
    def total(self) -> int:
        """Return how many cases the chosen state has."""
        return self.counts["waiting" if self.is_waiting else "decided"]

    @property
    def first_shown(self) -> int:
        """Return the position of the first line, counted from 1."""
        return (self.number - 1) * PAGE_SIZE + 1


def queue_line(row: QueueRow, *, today: date, name_of: Callable[[str], str]) -> QueueLine:
    """Return a case as a line of the queue."""
    return QueueLine(
        row=row,
        headline=headline(row.headline),
        category=words(row.category),
        priority=words(row.priority),
        colour=PRIORITY_COLOURS[Priority(row.priority)],
        recommended=_with_route(LABELS[RecommendedOutcome(row.recommended)], Route(row.route) if row.route else None),
        age=days(today - row.received_on),
        state=LABELS[CaseState(row.state)],
        decided_by=name_of(row.decided_by) if row.decided_by else "",
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a case."""

    when: str
    what: str
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DecisionLines:
    """A decision in words."""

    what: str
    by: str
    at: datetime
    reason: str
    disposal_on: date | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything the page of a case shows."""

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
    risk: Sequence[tuple[str, str, bool]]
    people: Sequence[Sequence[str]]
    places: Sequence[Sequence[str]]
    vehicles: Sequence[Sequence[str]]
    phones: Sequence[Sequence[str]]
    raised_by: str
    decision: DecisionLines | None
    history: Sequence[Step]

    @property
    def may_decide(self) -> bool:
        """Tell whether the case still waits for its decision."""
        return self.file.case.state is CaseState.WAITING


def case_page(file: CaseFile, name_of: Callable[[str], str], *, today: date) -> CasePage:
    """Return a case as its page shows it."""
    case, advice, subjects = file.case, file.case.recommendation, file.case.content.subjects
    return CasePage(
        file=file,
        headline=headline(case.content.title or case.content.narrative[:CUT] + ELLIPSIS),
        state=LABELS[case.state],
        age=days(today - case.received_on),
        priority=words(advice.priority),
        colour=PRIORITY_COLOURS[advice.priority],
        recommended=_with_route(LABELS[advice.outcome], advice.route),
        category=words(case.content.category),
        known_how=words(case.content.known_how),
        agency=words(case.agency_category),
        risk=[(RISK_QUESTIONS[name], words(answer), answer is Answer.YES) for name, answer in case.content.risk],
        people=[person_cells(person) for person in subjects.people],
        places=[(place.description, place.postcode) for place in subjects.places],
        vehicles=[(vehicle.description or "Vehicle", vehicle.registration) for vehicle in subjects.vehicles],
        phones=[(phone.number, phone.note) for phone in subjects.phones],
        raised_by=", ".join(LABELS[reason].lower() for reason in advice.raised_by),
        decision=decision_lines(file.decision, name_of) if file.decision else None,
        history=list(_history(file, name_of)),
    )


def person_cells(person: Person) -> Sequence[str]:
    """Return what a table shows of a person: name, tags, age or birth, address, description."""
    name = f"{person.name}, also known as {person.also_known_as}" if person.also_known_as else person.name
    born = day(person.date_of_birth) if person.date_of_birth else ""
    if not born and person.approximate_age is not None:
        born = f"about {person.approximate_age} years old"
    return name, ", ".join(words(tag) for tag in person.tags), born, person.address, person.description


def decision_lines(decision: Decision, name_of: Callable[[str], str]) -> DecisionLines:
    """Return a decision in words."""
    what = _with_route(LABELS[decision.outcome], decision.route)
    if decision.reason_code:
        what = f"{what}: {LABELS[decision.reason_code][0].lower()}{LABELS[decision.reason_code][1:]}"
    return DecisionLines(what, name_of(decision.decided_by), decision.decided_at, decision.reason, decision.disposal_on)


def _with_route(label: str, route: Route | None) -> str:
    return f"{label}: {LABELS[route]}" if route else label


def _history(file: CaseFile, name_of: Callable[[str], str]) -> Iterator[Step]:
    case, advice = file.case, file.case.recommendation
    recommended = _with_route(LABELS[advice.outcome], advice.route)
    yield Step(day(case.received_on), "Received", "The rules", f"{recommended} ({advice.fired.id})")
    if file.decision:
        decision = decision_lines(file.decision, name_of)
        yield Step(moment(decision.at), decision.what, decision.by)
    if case.transferred_at:
        yield Step(
            moment(case.transferred_at), LABELS[case.state], "Transfer", f"Police reference {case.police_reference}"
        )


def error_summary(errors: Sequence[FormError]) -> list[dict[str, str]]:
    """Return the errors as the summary at the top of the page links to them."""
    return [{"text": error.text, "href": f"#{error.field}"} for error in errors]


def choices(values: type[StrEnum]) -> list[dict[str, str]]:
    """Return the options of a set of radios."""
    return [{"value": value.value, "text": LABELS[value]} for value in values]
