"""The decision on a case: the officer's choices, the reasons that each needs, the entry that is kept (D-T1, D-T2)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from triage_service.rules.recommendation import Route


class Outcome(StrEnum):
    """What an officer may decide (D-T1, D-T2)."""

    RECORD = "record"
    NOT_RECORD = "not_record"
    OTHER_ROUTE = "other_route"


class ReasonCode(StrEnum):
    """Why a case is not recorded: which part of the record gate it fails (D-T2)."""

    NO_POLICING_PURPOSE = "no_policing_purpose"
    NOT_NECESSARY = "not_necessary"
    NOT_PROPORTIONATE = "not_proportionate"
    NOT_ADEQUATE = "not_adequate"
    NOT_TIMELY = "not_timely"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an officer put in the form; `version` is the version of the case that they had read."""

    version: int
    outcome: Outcome
    reason: str
    route: Route | None = None
    reason_code: ReasonCode | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decided, why, and until when a case that was not recorded is kept (D-L5)."""

    outcome: Outcome
    reason: str
    route: Route | None
    reason_code: ReasonCode | None
    decided_by: str
    decided_at: datetime
    disposal_on: date | None = None


class IncompleteVerdictError(ValueError):
    """A verdict lacks what its outcome needs; the form prevents this."""


def require_complete(verdict: Verdict) -> None:
    """Raise IncompleteVerdictError unless a verdict says what its outcome needs, and nothing else."""
    needs_code = verdict.outcome is Outcome.NOT_RECORD
    needs_route = verdict.outcome is Outcome.OTHER_ROUTE
    if not verdict.reason or needs_code != bool(verdict.reason_code) or needs_route != bool(verdict.route):
        raise IncompleteVerdictError
