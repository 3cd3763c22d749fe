"""Builders with defaults: a test names only the values that matter to it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.language.restricted import Agency, SealedContent, Submission
from pipeline_shared.language.sanitised import SanitisedContent, SanitisedOccurrence
from pipeline_shared.language.vocabulary import AgencyCategory
from pipeline_shared.language.when import times_of

NOW = datetime(2026, 5, 12, 15, 20, tzinfo=UTC)


def a_form(**changes: Any) -> dict[str, Any]:
    """Return a submission as a portal frontend posts it."""
    form: dict[str, Any] = {
        "submitter": {"name": "Colin Adeyemi"},
        "source": {"kind": "person", "name": "Margaret Entwistle", "wishes_anonymity": True},
        "known_how": "told_by_someone_who_saw_it",
        "narrative": "Lee Hargreaves at 31 Garnet Street has visitors for a minute each until three in the morning.",
        "category": "drugs",
        "subjects": {"people": [{"name": "Lee Hargreaves", "tags": ["suspect"]}]},
    }
    return form | changes


def a_submission(**changes: Any) -> Submission:
    """Return a validated submission."""
    return Submission.model_validate(a_form(**changes))


def an_agency(name: str = "Brambleford Homes") -> Agency:
    """Return an agency."""
    return Agency(name=name, category=AgencyCategory.HOUSING)


def opened(submission: Submission | None = None) -> SealedContent:
    """Return a submission as the sanitiser sees it after opening."""
    return SealedContent(
        submission=submission or a_submission(), agency=an_agency(), status_token=uuid4(), received_at=NOW
    )


def sanitised_content(**changes: Any) -> SanitisedContent:
    """Return content without anything of a source."""
    form = a_form(**changes)
    names = SanitisedContent.model_fields
    given = Occurrence.model_validate(form.pop("occurrence", {}))
    began, ended = times_of(given)
    seen = SanitisedOccurrence(began=began, ended=ended, place=given.place, note=given.note)
    defaults = {"title": "", "occurrence": seen, "risk": {}}
    return SanitisedContent.model_validate(defaults | {name: form[name] for name in names if name in form})


def submission_sanitised(**changes: Any) -> SubmissionSanitised:
    """Return the event that opens a case."""
    return SubmissionSanitised(
        event_id=uuid4(),
        occurred_at=NOW,
        source_ref=uuid4(),
        flag_id=uuid4(),
        status_token=uuid4(),
        agency_category=AgencyCategory.HOUSING,
        received_on=NOW.date(),
        content=sanitised_content(**changes),
        released_by_person=False,
    )
