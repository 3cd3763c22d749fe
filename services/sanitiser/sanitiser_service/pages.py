"""From what is held to what the source desk sees: labels, rows, errors; no SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from pipeline_shared.submission import Answer, SealedContent, Submission
from pipeline_shared.ui.rendering import age, day, moment
from sanitiser_service.fields import content_of, texts_of
from sanitiser_service.residual import LeftOver
from sanitiser_service.reviewing import Proposal, StillSaid, mark_of, rewritten
from sanitiser_service.sanitising import Band, Decision, Finding, sentence_of, told_sentence_of
from sanitiser_service.store import HeldSummary

FORM_FIELDS = frozenset({"csrf", "version", "reason"})
# Before a finding's key, before the path of a text that the page had shown, and before the code of what is left over.
DECIDE, SHOWN, STAY = "decide.", "shown.", "stay."
REASON_MISSING = {"text": "Enter why you decide so", "href": "#reason"}
UNFIT_TEXT = {"text": "A text holds a character that cannot be kept", "href": "#narrative"}
UNCHECKED_TEXT = {"text": "The software could not check what you wrote: write it in other words", "href": "#narrative"}
LONGEST_PATH = 80
LONG_FIELDS = ("narrative", "note", "description")
STATES = {"waiting": "Waiting", "kept": "Kept held"}
WHOSE = {"source": "The source's", "submitter": "The submitter's", "agency": "The agency's"}
BANDS = {
    Band.AUTO: ("Replaced", "grey"),
    Band.PROPOSE: ("Proposed", "blue"),
    Band.FLAG: ("Flagged", "orange"),
}
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
class Mark:
    """A finding as the page shows it: `number` joins its place in the text to its decision."""

    number: int
    key: str
    id: str
    band: Band
    label: str
    colour: str
    words: str
    why: str
    token: str
    decision: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of an original: plain, or the place of a finding."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """A protected value that would go onward: whether a person may leave it there, and whether the form says so."""

    item: LeftOver
    label: str
    may_stay: bool
    stays: bool


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One text: as it came, with its findings, and as it would go onward."""

    path: str
    label: str
    original: tuple[Stretch, ...]
    marks: tuple[Mark, ...]
    proposal: str
    shown: str
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
    if kind == "told":
        told, _, path = detail.partition(":")
        return f"{told_sentence_of(told)}: {label_of(path).lower()}"
    if kind in (Band.PROPOSE, Band.FLAG):
        rule, _, path = detail.partition(":")
        return f"{sentence_of(rule)}: {label_of(path).lower()}"
    if kind == "unread":
        return "Part of this is not in English: no software has read it"
    return "Sanitising failed, so nothing was proposed"


def left_over_error(item: LeftOver) -> dict[str, str]:
    """Return the error for a protected value that is still there; only the source desk ever sees it."""
    text = f"{label_of(item.path)} still holds \u201c{item.value}\u201d ({protected_label(item.rule).lower()})"
    return {"text": text, "href": f"#{item.path}"}


def contradiction_error(said: StillSaid) -> dict[str, str]:
    """Return the error for words in a text written anew that were decided to be taken out of it."""
    text = f"{label_of(said.path)}: you decided to take out \u201c{said.words}\u201d, and your text still says it"
    return {"text": text, "href": f"#{said.path}"}


def found_again_error(said: StillSaid) -> dict[str, str]:
    """Return the error for what the matcher finds in a text written anew."""
    text = f"{label_of(said.path)}: your text says \u201c{said.words}\u201d ({sentence_of(said.rule).lower()})"
    return {"text": text, "href": f"#{said.path}"}


def remaining_label(item: LeftOver) -> str:
    """Return where a protected value still stands, and what it is."""
    return f"{label_of(item.path)}: {protected_label(item.rule).lower()}"


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
        if part.isdecimal() and words:
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


def onward_rows(submission: Submission) -> list[tuple[str, str]]:
    """Return what goes onward besides texts: exact times and dates may tell who was there (D-S2)."""
    onward: dict[str, object] = {"category": submission.category, "how it is known": submission.known_how}
    onward |= {f"occurrence, {name}": getattr(submission.occurrence, name) for name in ("began_at", "ended_at")}
    for n, person in enumerate(submission.subjects.people, 1):
        onward |= {f"person {n}, {name}": getattr(person, name) for name in ("date_of_birth", "approximate_age")}
        onward[f"person {n}, tags"] = ", ".join(person.tags)
    onward |= {name: answer for name, answer in submission.risk if answer is not Answer.NOT_KNOWN}
    return [(label_of(name), _shown(value)) for name, value in onward.items() if value not in (None, "")]


def review_fields(
    submission: Submission,
    proposal: Proposal,
    decisions: Mapping[str, Decision],
    *,
    decided: Mapping[str, str],
    texts: Mapping[str, str],
) -> list[ReviewField]:
    """Return every text that would go onward beside its original, with what was found in it.

    What differs from the text as `decided` was written anew, and stays so until the page is left.
    """
    fields: list[ReviewField] = []
    number = 0
    for path, original in texts_of(content_of(submission)).items():
        found = sorted((one for one in proposal.findings if one.path == path), key=lambda one: (one.start, one.end))
        marks = [_mark(n, one, original, decisions) for n, one in enumerate(found, number + 1)]
        number += len(marks)
        fields.append(
            ReviewField(
                path=path,
                label=label_of(path),
                original=tuple(_stretches(original, found, marks)),
                marks=tuple(marks),
                proposal=texts.get(path, ""),
                shown=mark_of(decided.get(path, "")),
                is_long=path.rpartition(".")[2] in LONG_FIELDS or len(original.splitlines()) > 1,
            )
        )
    return fields


def _mark(number: int, finding: Finding, original: str, decisions: Mapping[str, Decision]) -> Mark:
    label, colour = BANDS[finding.band]
    return Mark(
        number=number,
        key=finding.key,
        id=f"finding-{number}",
        band=finding.band,
        label=label,
        colour=colour,
        words=original[finding.start : finding.end],
        why=sentence_of(finding.rule),
        token=finding.token,
        decision=decisions.get(finding.key, ""),
    )


def _stretches(text: str, findings: Sequence[Finding], marks: Sequence[Mark]) -> Iterator[Stretch]:
    at = 0
    for finding, mark in zip(findings, marks, strict=True):
        start, end = max(at, finding.start), max(at, finding.end)
        if start > at:
            yield Stretch(text[at:start])
        yield Stretch(text[start:end], mark)
        at = end
    if at < len(text):
        yield Stretch(text[at:])


def undecided_error(mark: Mark) -> dict[str, str]:
    """Return the error for a finding that nobody has decided."""
    return {"text": f"Decide on finding {mark.number}, \u201c{mark.words}\u201d", "href": f"#{mark.id}"}


def decisions_in(form: Mapping[str, str]) -> dict[str, Decision]:
    """Return what a form decides, by the findings' keys; what is no decision is left out."""
    chosen = {name.removeprefix(DECIDE): value for name, value in form.items() if name.startswith(DECIDE)}
    return {key: Decision(value) for key, value in chosen.items() if value in list(Decision)}


def texts_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a form, by their paths."""
    return {n: text for n, text in form.items() if n not in FORM_FIELDS and not n.startswith((DECIDE, SHOWN, STAY))}


def shown_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return what the form's page had shown of each text, by its path."""
    return {name.removeprefix(SHOWN): mark for name, mark in form.items() if name.startswith(SHOWN)}


def staying_in(form: Mapping[str, str]) -> frozenset[str]:
    """Return the codes of what a form says may stay."""
    return frozenset(name.removeprefix(STAY) for name in form if name.startswith(STAY))


def typed_in(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a person had typed, by its label: each text that their page had shown otherwise, and the reason."""
    texts = rewritten(texts_in(form), shown_in(form))
    typed = [(label_of(path), text) for path, text in texts.items() if len(path) <= LONGEST_PATH]
    reason = form.get("reason")
    return [*typed, ("Reason", reason)] if reason else typed


def version_in(form: Mapping[str, str]) -> int:
    """Return the version a form was made for; nonsense is no version anybody ever saw."""
    text = form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - fits PostgreSQL's integer


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
