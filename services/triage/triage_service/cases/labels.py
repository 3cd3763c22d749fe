"""What cases and decisions are called on the pages."""

from collections.abc import Mapping
from enum import StrEnum

from pipeline_shared.language.vocabulary import Priority
from triage_service.cases.decision import Outcome, ReasonCode
from triage_service.cases.domain import CaseState
from triage_service.rules.recommendation import RecommendedOutcome, Route

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
}
PRIORITY_COLOURS: Mapping[Priority, str] = {
    Priority.IMMEDIATE: "red",
    Priority.HIGH: "orange",
    Priority.ROUTINE: "blue",
    Priority.LOW: "grey",
}


def with_route(outcome: Outcome | RecommendedOutcome, route: Route | None) -> str:
    """Return the label of an outcome, and where the case goes when it goes elsewhere."""
    return f"{LABELS[outcome]}: {LABELS[route]}" if route else LABELS[outcome]


def headline(stored: str) -> str:
    """Return a title as it is, and a cut text that stands for one without half a word or a needless ellipsis."""
    if not stored.endswith(ELLIPSIS):
        return stored
    text = stored.removesuffix(ELLIPSIS)
    if len(text) < CUT:
        return text
    return (text.rpartition(" ")[0] or text).rstrip(" ,.;:") + ELLIPSIS


def choices(values: type[StrEnum]) -> list[dict[str, str]]:
    """Return the options of a set of radios."""
    return [{"value": value.value, "text": LABELS[value]} for value in values]
