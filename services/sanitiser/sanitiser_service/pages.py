"""From what is held to what the source desk sees: labels, rows, errors; no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import SealedContent, Submission
from pipeline_shared.ui.rendering import age
from sanitiser_service.fields import content_of, texts_of, with_texts
from sanitiser_service.residual import LeftOver
from sanitiser_service.sanitising import Band, sentence_of
from sanitiser_service.store import HeldSummary

FORM_FIELDS = frozenset({"csrf", "version", "reason"})
REASON_MISSING = {"text": "Enter why you decide so", "href": "#reason"}
UNFIT_TEXT = {"text": "A text is empty or too long for its field", "href": "#narrative"}
LONG_FIELDS = ("narrative", "note", "description")
STATES = {"waiting": "Waiting", "kept": "Kept held"}
WHOSE = {"source": "The source's", "submitter": "The submitter's", "agency": "The agency's"}
ONE_OF = {"people": "person", "places": "place", "vehicles": "vehicle", "phones": "phone"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    submission_ref: UUID
    held_at: datetime
    age: str
    state: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One text: as it came, and as it would go onward."""

    path: str
    label: str
    original: str
    proposal: str
    is_long: bool


def row(held: HeldSummary) -> Row:
    """Return a line of the list."""
    why = tuple(dict.fromkeys(explain(code) for code in held.reasons))
    return Row(held.submission_ref, held.held_at, age(datetime.now(UTC) - held.held_at), STATES[held.state], why)


def explain(code: str) -> str:
    """Return a reason's code as a sentence."""
    kind, _, detail = code.partition(":")
    if kind == "left_over":
        rule, _, path = detail.partition(":")
        return f"{protected_label(rule)} may still be in: {label_of(path).lower()}"
    if kind in (Band.PROPOSE, Band.FLAG, Band.BLOCK):
        rule, _, path = detail.partition(":")
        return f"{sentence_of(rule)}: {label_of(path).lower()}"
    return "Sanitising failed, so nothing was proposed"


def left_over_error(item: LeftOver) -> dict[str, str]:
    """Return the error for a protected value that is still there; only the source desk ever sees it."""
    text = f"{label_of(item.path)} still holds \u201c{item.value}\u201d ({protected_label(item.rule).lower()})"
    return {"text": text, "href": f"#{item.path}"}


def error_of(errors: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the errors by the field that each belongs to; several of one field become one."""
    texts: dict[str, list[str]] = {}
    for error in errors:
        texts.setdefault(error["href"].removeprefix("#"), []).append(error["text"])
    return {field: "; ".join(lines) for field, lines in texts.items()}


def protected_label(rule: str) -> str:
    """Return what a protected value is: `source.name.part` becomes "The source's name"."""
    whose, _, what = rule.removesuffix(".part").partition(".")
    return f"{WHOSE[whose]} {what.replace('.', ', ').replace('_', ' ')}"


def label_of(path: str) -> str:
    """Return a path as words: `subjects.people.0.name` becomes "Person 1, name"."""
    words: list[str] = []
    for part in path.removeprefix("subjects.").split("."):
        if part.isdigit() and words:
            words[-1] = f"{ONE_OF.get(words[-1], words[-1])} {int(part) + 1}"
        else:
            words.append(part.replace("_", " "))
    return ", ".join(words).capitalize()


def identity_rows(opened: SealedContent) -> list[tuple[str, str]]:
    """Return who spoke, as the source desk must know it to judge."""
    submission = opened.submission
    source = {f"source, {name}": value for name, value in submission.source.model_dump(mode="json").items()}
    submitter = {f"submitter, {name}": value for name, value in submission.submitter.model_dump(mode="json").items()}
    rows: dict[str, object] = {"agency": opened.agency.name} | source | submitter
    rows["how it is known"] = submission.known_how_note
    rows["source, kind"] = label_of(submission.source.kind)
    return [(label_of(name), _shown(value)) for name, value in rows.items() if value not in ("", None)]


def review_fields(submission: Submission, proposal: Mapping[str, str]) -> list[ReviewField]:
    """Return every text that would go onward beside its original."""
    originals = texts_of(content_of(submission))
    return [
        ReviewField(path, label_of(path), original, proposal.get(path, ""), path.rpartition(".")[2] in LONG_FIELDS)
        for path, original in originals.items()
    ]


def emptied(submission: Submission) -> SanitisedContent:
    """Return the content with its free text blank, for a person to write."""
    content = content_of(submission)
    return with_texts(content, dict.fromkeys(texts_of(content), "[REMOVED]"))


def version_in(form: Mapping[str, str]) -> int:
    """Return the version a form was made for; nonsense is no version anybody ever saw."""
    text = form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - fits PostgreSQL's integer


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
