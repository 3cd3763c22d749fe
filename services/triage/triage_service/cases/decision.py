"""The decision on a case: an officer's choices, the reasons that each choice needs, the stored entry (D-T1, D-T2)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline_shared.access.states import CaseState
from triage_service.rules.recommendation import Route


class Outcome(StrEnum):
    """The outcomes that an officer may choose (D-T1, D-T2)."""

    RECORD = "record"
    NOT_RECORD = "not_record"
    OTHER_ROUTE = "other_route"


class ReasonCode(StrEnum):
    """The reason why a case is not recorded: the part of the record gate that it fails (D-T2)."""

    NO_POLICING_PURPOSE = "no_policing_purpose"
    NOT_NECESSARY = "not_necessary"
    NOT_PROPORTIONATE = "not_proportionate"
    NOT_ADEQUATE = "not_adequate"
    NOT_TIMELY = "not_timely"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An officer's choices in the form. `version` is the version of the case that the officer has read."""

    version: int
    outcome: Outcome
    reason: str
    route: Route | None = None
    reason_code: ReasonCode | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """An officer's decision, its reason, and the disposal date of a case that is not recorded (D-L5)."""

    outcome: Outcome
    reason: str
    route: Route | None
    reason_code: ReasonCode | None
    decided_by: str
    decided_at: datetime
    disposal_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reopening:
    """A supervisor's act that took a decision back, with its reason, and the state of the case after it."""

    reason: str
    reopened_by: str
    reopened_at: datetime
    state_after: CaseState


class IncompleteVerdictError(ValueError):
    """A verdict lacks a field that its outcome needs; the form prevents this."""


def require_complete(verdict: Verdict) -> None:
    """Raise IncompleteVerdictError unless a verdict has exactly the fields that its outcome needs."""
    needs_code = verdict.outcome is Outcome.NOT_RECORD
    needs_route = verdict.outcome is Outcome.OTHER_ROUTE
    if not verdict.reason or needs_code != bool(verdict.reason_code) or needs_route != bool(verdict.route):
        raise IncompleteVerdictError
