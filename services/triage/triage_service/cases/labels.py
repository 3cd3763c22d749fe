"""The labels of cases and decisions on the pages."""

from collections.abc import Mapping
from enum import StrEnum

from pipeline_shared.access.states import CaseState
from pipeline_shared.language.vocabulary import Priority
from triage_service.cases.decision import Outcome, ReasonCode
from triage_service.rules.recommendation import RecommendedOutcome, Route

CUT, ELLIPSIS = 90, "…"  # the length of a cut text that serves as a title, and the sign after it

# The key of an outcome also finds the recommendation of that outcome: text enums with the same value are the same key.
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
    CaseState.UNDER_CORRECTION: "Reopened: the record must be corrected",
}
PRIORITY_COLOURS: Mapping[Priority, str] = {
    Priority.IMMEDIATE: "red",
    Priority.HIGH: "orange",
    Priority.ROUTINE: "blue",
    Priority.LOW: "grey",
}


def with_route(outcome: Outcome | RecommendedOutcome, route: Route | None) -> str:
    """Return the label of an outcome, with its route when it has one."""
    return f"{LABELS[outcome]}: {LABELS[route]}" if route else LABELS[outcome]


def headline(stored: str) -> str:
    """Return a title unchanged, or a cut text that serves as one, without half a word or a needless ellipsis."""
    if not stored.endswith(ELLIPSIS):
        return stored
    text = stored.removesuffix(ELLIPSIS)
    if len(text) < CUT:
        return text
    return (text.rpartition(" ")[0] or text).rstrip(" ,.;:") + ELLIPSIS


def choices(values: type[StrEnum]) -> list[dict[str, str]]:
    """Return the options of a group of radio buttons."""
    return [{"value": value.value, "text": LABELS[value]} for value in values]
