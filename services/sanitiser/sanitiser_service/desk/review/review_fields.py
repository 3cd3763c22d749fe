"""The texts on the review page: each original with its findings, beside the text to release."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline_shared.language.restricted import Submission
from sanitiser_service.desk.review.domain import Proposal, as_decided, mark_of
from sanitiser_service.desk.review.labels import label_of
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.reasons import sentence_of
from sanitiser_service.matcher.redaction import Decision

NOTHING_SHOWN = ""  # equals no hash, so the text in the box of a closed text counts as written by a person
LONG_FIELDS = ("narrative", "note", "description")
BANDS = {
    Band.AUTO: ("Replaced", "grey"),
    Band.PROPOSE: ("Proposed", "blue"),
    Band.FLAG: ("Flagged", "orange"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding on the page. `number` connects its place in the text to its decision."""

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
class Passage:
    """A passage of an original: plain text, or the place of a finding."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One text: the original with its findings, and the text to release.

    If `is_closed`, only text written by a person is released.
    """

    path: str
    label: str
    original: tuple[Passage, ...]
    marks: tuple[Mark, ...]
    proposal: str
    shown: str
    is_closed: bool
    is_long: bool


def fields_of(
    submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision], *, texts: Mapping[str, str]
) -> list[ReviewField]:
    """Return every text to release, beside its original and the findings in it.

    A text that differs from the decided one counts as rewritten while the page is open.
    """
    decided = texts_of(as_decided(submission, proposal, decisions))
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
                original=tuple(_passages(original, found, marks)),
                marks=tuple(marks),
                proposal=texts.get(path, ""),
                shown=NOTHING_SHOWN if path in proposal.closed else mark_of(decided.get(path, "")),
                is_closed=path in proposal.closed,
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


def _passages(text: str, findings: Sequence[Finding], marks: Sequence[Mark]) -> Iterator[Passage]:
    at = 0
    for finding, mark in zip(findings, marks, strict=True):
        start, end = max(at, finding.start), max(at, finding.end)
        if start > at:
            yield Passage(text[at:start])
        yield Passage(text[start:end], mark)
        at = end
    if at < len(text):
        yield Passage(text[at:])
