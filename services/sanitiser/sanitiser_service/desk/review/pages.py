"""The content of the source desk's pages: labels, rows and errors."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from pipeline_shared.language.restricted import SealedContent, Submission
from pipeline_shared.language.vocabulary import Answer, SafetyLevel
from pipeline_shared.web.rendering import age, day, moment
from sanitiser_service.desk.review.labels import explain_all, label_of
from sanitiser_service.desk.review.store import HeldSummary

REASON_MISSING = "Enter why you decide so"
MOST_REASONS = 5  # in a line of the list; the page of the submission shows all
STATES = {"waiting": "Waiting", "kept": "Kept held"}
LEVELS = {
    SafetyLevel.NOW: ("Look now", "red"),
    SafetyLevel.SOON: ("Look soon", "orange"),
    SafetyLevel.ORDINARY: ("", ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    submission_ref: UUID
    held_at: datetime
    age: str
    state: str
    level: str
    colour: str
    why: tuple[str, ...]


def row(held: HeldSummary) -> Row:
    """Return a line of the list."""
    why = explain_all(held.reasons)
    more = len(why) - MOST_REASONS
    why = [*why[:MOST_REASONS], *([f"And {more} more"] if more > 0 else [])]
    waited = age(datetime.now(UTC) - held.held_at)
    level, colour = LEVELS[held.level]
    return Row(held.submission_ref, held.held_at, waited, STATES[held.state], level, colour, tuple(why))


def identity_rows(opened: SealedContent) -> list[tuple[str, str]]:
    """Return the rows about agency, source and submitter; the reviewer needs them to judge."""
    submission = opened.submission
    source = {f"source, {name}": value for name, value in submission.source.model_dump(mode="json").items()}
    submitter = {f"submitter, {name}": value for name, value in submission.submitter.model_dump(mode="json").items()}
    rows: dict[str, object] = {"agency": opened.agency.name} | source | submitter
    rows["how it is known"] = submission.known_how_note
    rows["source, kind"] = label_of(submission.source.kind)
    return [(label_of(name), _shown(value)) for name, value in rows.items() if value not in ("", None)]


def onward_rows(submission: Submission) -> list[tuple[str, str]]:
    """Return the rows about values that are released unchanged: all except texts and times."""
    onward: dict[str, object] = {"category": submission.category, "how it is known": submission.known_how}
    for n, person in enumerate(submission.subjects.people, 1):
        onward |= {f"person {n}, {name}": getattr(person, name) for name in ("date_of_birth", "approximate_age")}
        onward[f"person {n}, tags"] = ", ".join(person.tags)
    onward |= {name: answer for name, answer in submission.risk if answer is not Answer.NOT_KNOWN}
    return [(label_of(name), _shown(value)) for name, value in onward.items() if value not in (None, "")]


def _shown(value: object) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case StrEnum():
            return value.replace("_", " ").capitalize()
        case _:
            return str(value)
