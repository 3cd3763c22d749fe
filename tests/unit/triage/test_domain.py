"""A case is decided once, and its event reports this decision."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from pipeline_shared.access.permissions import SamePersonError
from pipeline_shared.language.events import CaseDecided, CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from tests.unit.triage.builders import KEEP, NOW, decided, sanitised, verdict, waiting_case
from triage_service.cases import domain
from triage_service.cases.decision import IncompleteVerdictError, Outcome, ReasonCode, Verdict
from triage_service.cases.domain import CaseState, NotRecordedError, StaleVersionError
from triage_service.rules.recommendation import Route

NOT_RECORDED = verdict(Outcome.NOT_RECORD, reason_code=ReasonCode.NOT_ADEQUATE)
PASSED_ON = verdict(Outcome.OTHER_ROUTE, route=Route.MASH)


def test_an_opened_case_waits_and_its_submission_is_in_assessment() -> None:
    event, advice = sanitised(), waiting_case().recommendation
    case, change = domain.open_case(event, advice, case_id=uuid4(), event_id=uuid4(), now=NOW)
    assert (case.state, case.version, case.content) == (CaseState.WAITING, 1, event.content)
    assert isinstance(change, CaseStatusChanged)
    assert (change.status_token, change.status) == (event.status_token, SubmissionStatus.IN_ASSESSMENT)


def test_a_recorded_case_is_sent_under_a_reference_of_its_own() -> None:
    case, record_ref = waiting_case(), uuid4()
    after, decision, event = decided(case, verdict(), record_ref)
    assert isinstance(event, CaseDecided)
    assert after.state is CaseState.RECORDED
    assert after.record_ref == event.record_ref == record_ref
    assert str(case.source_ref) not in event.model_dump_json()
    assert str(case.status_token) not in event.model_dump_json()
    assert event.rules.fired == case.recommendation.fired.id
    assert decision.disposal_on is None


def test_a_case_that_is_not_recorded_closes_and_gets_a_disposal_date() -> None:
    after, decision, event = decided(waiting_case(), NOT_RECORDED)
    assert after.state is CaseState.NOT_RECORDED
    assert after.record_ref is None
    assert decision.disposal_on == date(2026, 12, 25) == (NOW + KEEP).date()
    assert event.status is SubmissionStatus.CLOSED


def test_a_case_for_another_route_is_passed_on() -> None:
    after, decision, event = decided(waiting_case(), PASSED_ON)
    assert (after.state, decision.route) == (CaseState.PASSED_ON, Route.MASH)
    assert event.status is SubmissionStatus.PASSED_TO_ANOTHER_ROUTE


@pytest.mark.parametrize("made", [verdict(), NOT_RECORDED, PASSED_ON])
def test_a_case_is_decided_once(made: Verdict) -> None:
    after, _, _ = decided(waiting_case(), made)
    for version in (1, after.version):
        with pytest.raises(StaleVersionError):
            decided(after, replace(made, version=version))


def test_a_verdict_on_a_version_that_nobody_has_read_is_stale() -> None:
    with pytest.raises(StaleVersionError):
        decided(waiting_case(), verdict(version=7))


@pytest.mark.parametrize(
    "made",
    [
        verdict(reason=""),
        verdict(Outcome.NOT_RECORD),
        verdict(Outcome.OTHER_ROUTE),
        verdict(route=Route.MASH),
        verdict(reason_code=ReasonCode.NOT_TIMELY),
    ],
)
def test_a_verdict_says_what_its_outcome_needs_and_nothing_else(made: Verdict) -> None:
    with pytest.raises(IncompleteVerdictError):
        decided(waiting_case(), made)


def test_the_police_reference_makes_a_recorded_case_accepted() -> None:
    recorded, _, _ = decided(waiting_case(), verdict())
    after, event = domain.confirm_transfer(recorded, "NR-1", event_id=uuid4(), now=NOW)
    assert (after.state, after.police_reference, after.transferred_at) == (CaseState.TRANSFERRED, "NR-1", NOW)
    assert isinstance(event, CaseStatusChanged)
    assert event.status is SubmissionStatus.ACCEPTED


def test_only_a_recorded_case_can_be_confirmed() -> None:
    for case in (waiting_case(), decided(waiting_case(), PASSED_ON)[0]):
        with pytest.raises(NotRecordedError):
            domain.confirm_transfer(case, "NR-1", event_id=uuid4(), now=NOW)


def test_the_submission_of_a_reopened_case_is_in_assessment_again_until_its_next_decision() -> None:
    closed, decision, _ = decided(waiting_case(), NOT_RECORDED)
    values: dict[str, Any] = {"version": 2, "person_id": "person:other", "reason": "New facts", "now": NOW}
    waiting, _, again = domain.reopen(closed, decision, event_id=uuid4(), **values)
    assert isinstance(again, CaseStatusChanged)
    assert (again.status_token, again.status) == (closed.status_token, SubmissionStatus.IN_ASSESSMENT)
    assert (waiting.assessment, again.assessment) == (2, 2)
    _, _, passed_on = decided(waiting, replace(PASSED_ON, version=3))
    assert isinstance(passed_on, CaseStatusChanged)
    assert (passed_on.status, passed_on.assessment) == (SubmissionStatus.PASSED_TO_ANOTHER_ROUTE, 2)


def test_the_submission_of_a_record_that_waits_for_its_correction_stays_accepted() -> None:
    recorded, decision, _ = decided(waiting_case(), verdict())
    values: dict[str, Any] = {"version": 2, "person_id": "person:other", "reason": "New facts", "now": NOW}
    reopened, _, event = domain.reopen(recorded, decision, event_id=uuid4(), **values)
    assert (reopened.state, reopened.assessment, event) == (CaseState.UNDER_CORRECTION, 1, None)


@pytest.mark.parametrize("decided_by", ["person:one", "demo:officer-1"])
def test_attack_44_nobody_reopens_their_own_decision(decided_by: str) -> None:
    """Ids from before people signed in at a provider could be of the same person."""
    closed, decision, _ = decided(waiting_case(), NOT_RECORDED)
    own = replace(decision, decided_by=decided_by)
    values: dict[str, Any] = {"version": 2, "person_id": "person:one", "reason": "New facts", "now": NOW}
    with pytest.raises(SamePersonError):
        domain.reopen(closed, own, event_id=uuid4(), **values)
