"""What a case is and how it moves: pure, so that every path can be tested without a database.

A case waits until exactly one decision is made on it. Each transition returns the new state and the events that tell
of it; the clock and every id are arguments.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pipeline_shared.language.events import CaseDecided, CaseStatusChanged, Event, RuleTrace, SubmissionSanitised
from pipeline_shared.language.local_time import start_of_day
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import AgencyCategory, Priority, SafetyReason, SubmissionStatus


class Outcome(StrEnum):
    """What an officer may decide (D-T1, D-T2)."""

    RECORD = "record"
    NOT_RECORD = "not_record"
    OTHER_ROUTE = "other_route"


class RecommendedOutcome(StrEnum):
    """What the rules may recommend: one of the outcomes, or only that a person looks."""

    RECORD = "record"
    NOT_RECORD = "not_record"
    OTHER_ROUTE = "other_route"
    LOOK = "look"


class Route(StrEnum):
    """Where else a case may go (D-T1)."""

    CRIME_DESK = "crime_desk"
    MASH = "mash"
    PREVENT = "prevent"


class ReasonCode(StrEnum):
    """Why a case is not recorded: which part of the record gate it fails (D-T2)."""

    NO_POLICING_PURPOSE = "no_policing_purpose"
    NOT_NECESSARY = "not_necessary"
    NOT_PROPORTIONATE = "not_proportionate"
    NOT_ADEQUATE = "not_adequate"
    NOT_TIMELY = "not_timely"


class CaseState(StrEnum):
    """Where a case stands."""

    WAITING = "waiting"
    RECORDED = "recorded"
    NOT_RECORDED = "not_recorded"
    PASSED_ON = "passed_on"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """One row of the rules that a case meets."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One row that a case would meet but for a single condition."""

    id: str
    title: str
    fact: str
    wanted: str
    actual: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the rules advise and why; they never decide (D-T3). What is `raised_by` the safety screen is immediate."""

    outcome: RecommendedOutcome
    route: Route | None
    priority: Priority
    why: str
    fired: MatchedRow
    also_matched: tuple[MatchedRow, ...]
    nearly: tuple[NearMiss, ...]
    table_version: str
    table_hash: str
    raised_by: tuple[SafetyReason, ...] = ()

    @property
    def trace(self) -> RuleTrace:
        """Return what of the explanation travels with a record."""
        return RuleTrace(table_version=self.table_version, table_hash=self.table_hash, fired=self.fired.id)


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `version` counts its changes, `record_ref` is the only reference the police system sees (D-S1)."""

    case_id: UUID
    source_ref: UUID
    status_token: UUID
    flag_id: UUID | None
    agency_category: AgencyCategory
    received_on: date
    content: SanitisedContent
    recommendation: Recommendation
    state: CaseState = CaseState.WAITING
    version: int = 1
    record_ref: UUID | None = None
    police_reference: str | None = None
    transferred_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an officer put in the form; `version` is the version of the case that they had read."""

    version: int
    outcome: Outcome
    reason: str
    route: Route | None = None
    reason_code: ReasonCode | None = None


class StaleVersionError(Exception):
    """Somebody else has decided since the officer opened the page."""


class NotRecordedError(Exception):
    """A transfer was confirmed for a case that is not on its way."""


class IncompleteVerdictError(ValueError):
    """A verdict lacks what its outcome needs; the form prevents this."""


def raised(recommendation: Recommendation, safety: tuple[SafetyReason, ...]) -> Recommendation:
    """Return a recommendation, made immediate when the safety screen found something (D-T0)."""
    return replace(recommendation, priority=Priority.IMMEDIATE, raised_by=safety) if safety else recommendation


def open_case(
    event: SubmissionSanitised, recommendation: Recommendation, *, case_id: UUID, event_id: UUID, now: datetime
) -> tuple[Case, Event]:
    """Open a case for a sanitised submission and tell that it is in assessment."""
    case = Case(
        case_id=case_id,
        source_ref=event.source_ref,
        status_token=event.status_token,
        flag_id=event.flag_id,
        agency_category=event.agency_category,
        received_on=event.received_on,
        content=event.content,
        recommendation=recommendation,
    )
    return case, _status(case, SubmissionStatus.IN_ASSESSMENT, event_id=event_id, now=now)


def decide(
    case: Case, verdict: Verdict, *, person_id: str, record_ref: UUID, event_id: UUID, now: datetime, keep: timedelta
) -> tuple[Case, Decision, Event]:
    """Decide a case once; raise StaleVersionError when it is not the case that the officer read."""
    if verdict.version != case.version or case.state is not CaseState.WAITING:
        raise StaleVersionError
    _require_complete(verdict)
    decision = Decision(
        outcome=verdict.outcome,
        reason=verdict.reason,
        route=verdict.route,
        reason_code=verdict.reason_code,
        decided_by=person_id,
        decided_at=now,
        disposal_on=(now + keep).date() if verdict.outcome is Outcome.NOT_RECORD else None,
    )
    decided = replace(case, state=STATE_AFTER[verdict.outcome], version=case.version + 1)
    if verdict.outcome is Outcome.RECORD:
        decided = replace(decided, record_ref=record_ref)
        return decided, decision, _decided_event(decided, decision, record_ref=record_ref, event_id=event_id)
    return decided, decision, _status(decided, STATUS_AFTER[verdict.outcome], event_id=event_id, now=now)


STATE_AFTER = {
    Outcome.RECORD: CaseState.RECORDED,
    Outcome.NOT_RECORD: CaseState.NOT_RECORDED,
    Outcome.OTHER_ROUTE: CaseState.PASSED_ON,
}
STATUS_AFTER = {
    Outcome.NOT_RECORD: SubmissionStatus.CLOSED,
    Outcome.OTHER_ROUTE: SubmissionStatus.PASSED_TO_ANOTHER_ROUTE,
}


def confirm_transfer(case: Case, police_reference: str, *, event_id: UUID, now: datetime) -> tuple[Case, Event]:
    """Note the police system's reference and tell that the submission was accepted; raise NotRecordedError."""
    if case.state is not CaseState.RECORDED:
        raise NotRecordedError
    transferred = replace(
        case,
        state=CaseState.TRANSFERRED,
        version=case.version + 1,
        police_reference=police_reference,
        transferred_at=now,
    )
    return transferred, _status(transferred, SubmissionStatus.ACCEPTED, event_id=event_id, now=now)


def _require_complete(verdict: Verdict) -> None:
    needs_code = verdict.outcome is Outcome.NOT_RECORD
    needs_route = verdict.outcome is Outcome.OTHER_ROUTE
    if not verdict.reason or needs_code != bool(verdict.reason_code) or needs_route != bool(verdict.route):
        raise IncompleteVerdictError


def _status(case: Case, status: SubmissionStatus, *, event_id: UUID, now: datetime) -> CaseStatusChanged:
    return CaseStatusChanged(
        event_id=event_id, occurred_at=start_of_day(now), status_token=case.status_token, status=status
    )


def _decided_event(case: Case, decision: Decision, *, record_ref: UUID, event_id: UUID) -> CaseDecided:
    return CaseDecided(
        event_id=event_id,
        occurred_at=decision.decided_at,
        case_id=case.case_id,
        record_ref=record_ref,
        content=case.content,
        agency_category=case.agency_category,
        received_on=case.received_on,
        priority=case.recommendation.priority,
        reason=decision.reason,
        rules=case.recommendation.trace,
    )
