"""Submissions and cases with defaults, so that a test names only the values that matter to it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.language.sanitised import SanitisedContent, SanitisedOccurrence, SanitisedSubjects
from pipeline_shared.language.vocabulary import AgencyCategory, Category, KnownHow
from triage_service.cases import domain
from triage_service.cases.decision import Decision, Outcome, Verdict
from triage_service.cases.domain import Case
from triage_service.rules.facts import Facts, facts_of
from triage_service.rules.table_file import load_rules

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
KEEP = timedelta(days=31)
OFFICER = "person:6a1b7a52-7d0e-4a5d-9a55-0c5a3d4a1f10"


def content(**changes: Any) -> SanitisedContent:
    defaults: dict[str, Any] = {
        "title": "Cars at night",
        "narrative": "A grey car comes to the flats most evenings.",
        "category": Category.DRUGS,
        "known_how": KnownHow.SAW_IT,
        "occurrence": SanitisedOccurrence(),
        "subjects": SanitisedSubjects(),
        "risk": RiskAnswers(),
    }
    return SanitisedContent(**{**defaults, **changes})


def sanitised(**changes: Any) -> SubmissionSanitised:
    return SubmissionSanitised(
        event_id=uuid4(),
        occurred_at=NOW,
        source_ref=uuid4(),
        flag_id=uuid4(),
        status_token=uuid4(),
        agency_category=AgencyCategory.HOUSING,
        received_on=date(2026, 11, 24),
        content=content(**changes),
        released_by_person=False,
    )


def facts(**changes: str | int) -> Facts:
    return {**facts_of(content(), AgencyCategory.HOUSING), **changes}


def waiting_case(**changes: Any) -> Case:
    event = sanitised(**changes)
    advice = load_rules().recommend(facts_of(event.content, event.agency_category))
    return domain.open_case(event, advice, case_id=uuid4(), event_id=uuid4(), now=NOW)[0]


def verdict(outcome: Outcome = Outcome.RECORD, **changes: Any) -> Verdict:
    defaults: dict[str, Any] = {"version": 1, "outcome": outcome, "reason": "Necessary to prevent crime"}
    return Verdict(**{**defaults, **changes})


def decided(case: Case, made: Verdict, record_ref: UUID | None = None) -> tuple[Case, Decision, Any]:
    return domain.decide(
        case, made, person_id=OFFICER, record_ref=record_ref or uuid4(), event_id=uuid4(), now=NOW, keep=KEEP
    )
