"""The transitions of a case. Pure, so that every path can be tested without a database.

A case waits until exactly one decision is made on it. A supervisor may reopen it: then it waits for its next decision,
or for its correction if the police system has the record. Each transition returns the new state and the events about
it. The time and all ids are arguments.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from pipeline_shared.access.permissions import PERMISSIONS, Action, SamePersonError
from pipeline_shared.access.states import CaseState
from pipeline_shared.language.events import FIRST, CaseDecided, CaseStatusChanged, Event, SubmissionSanitised
from pipeline_shared.language.local_time import start_of_day
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import AgencyCategory, SubmissionStatus
from triage_service.cases.decision import Decision, Outcome, Reopening, Verdict, require_complete
from triage_service.flags.domain import Takeover
from triage_service.rules.recommendation import Recommendation

PROVEN = "person:"  # ids from before people signed in at a provider could be of the same person


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `version` counts its changes; `record_ref` is the only reference that the police system sees (D-S1).

    `assessment` counts from 1: one more each time that the case waits again for a decision.
    """

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
    assessment: int = FIRST
    record_ref: UUID | None = None
    police_reference: str | None = None
    transferred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its decisions, its reopenings, and the takeovers of its safety flag, each in order."""

    case: Case
    decisions: tuple[Decision, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    takeovers: tuple[Takeover, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """Return the decision that counts, if the case is decided."""
        return self.decisions[-1] if self.decisions and self.case.state is not CaseState.WAITING else None


class StaleVersionError(Exception):
    """Another officer has decided the case since the page was opened."""


class NotRecordedError(Exception):
    """A transfer was confirmed for a case that is not recorded."""


def open_case(
    event: SubmissionSanitised, recommendation: Recommendation, *, case_id: UUID, event_id: UUID, now: datetime
) -> tuple[Case, Event]:
    """Open a case for a sanitised submission; return it with the event that it is in assessment."""
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
    """Decide a case once; raise StaleVersionError when it has changed since the officer read it."""
    if verdict.version != case.version or case.state not in PERMISSIONS[Action.DECIDE_CASE].states:
        raise StaleVersionError
    require_complete(verdict)
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


def recorded_before_restore(case: Case, record_ref: UUID) -> Case:
    """Return a waiting case as recorded: its decision was made, and lost with the database that was restored."""
    return replace(case, state=CaseState.RECORDED, version=case.version + 1, record_ref=record_ref)


def reopen(
    case: Case, decision: Decision | None, *, version: int, person_id: str, reason: str, event_id: UUID, now: datetime
) -> tuple[Case, Reopening, Event | None]:
    """Take a decision back as another person; raise StaleVersionError, SamePersonError.

    `decision` is the one that counts. A record is with the police system, or on its way there, and waits for its
    correction: its submission stays accepted. Every other case waits for a new decision, and its submission is in
    assessment again.
    """
    if version != case.version or decision is None or case.state not in PERMISSIONS[Action.REOPEN_CASE].states:
        raise StaleVersionError
    if decision.decided_by == person_id or not decision.decided_by.startswith(PROVEN):
        raise SamePersonError
    after = CaseState.UNDER_CORRECTION if case.record_ref else CaseState.WAITING
    reopened, reopening = replace(case, state=after, version=case.version + 1), Reopening(reason, person_id, now, after)
    if after is CaseState.UNDER_CORRECTION:
        return reopened, reopening, None
    waiting = replace(reopened, assessment=case.assessment + 1)
    return waiting, reopening, _status(waiting, SubmissionStatus.IN_ASSESSMENT, event_id=event_id, now=now)


def confirm_transfer(case: Case, police_reference: str, *, event_id: UUID, now: datetime) -> tuple[Case, Event]:
    """Store the police reference; return the event that the submission was accepted. Raises NotRecordedError.

    A record that was reopened on its way stays under correction.
    """
    if case.state not in {CaseState.RECORDED, CaseState.UNDER_CORRECTION}:
        raise NotRecordedError
    transferred = replace(
        case,
        state=CaseState.TRANSFERRED if case.state is CaseState.RECORDED else case.state,
        version=case.version + 1,
        police_reference=police_reference,
        transferred_at=now,
    )
    return transferred, _status(transferred, SubmissionStatus.ACCEPTED, event_id=event_id, now=now)


def _status(case: Case, status: SubmissionStatus, *, event_id: UUID, now: datetime) -> CaseStatusChanged:
    return CaseStatusChanged(
        event_id=event_id,
        occurred_at=start_of_day(now),
        status_token=case.status_token,
        status=status,
        assessment=case.assessment,
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
        decided_by=decision.decided_by,
        rules=case.recommendation.trace,
    )
