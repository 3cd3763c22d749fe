"""The texts on the review page: each original with its places, the text to release, and the questions about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline_shared.language.restricted import Submission
from sanitiser_service.desk.review.domain import Proposal, as_answered, mark_of
from sanitiser_service.desk.review.labels import label_of
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.form.profile import Token
from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.questions import Answer, Question
from sanitiser_service.matcher.referents import Sort

NOTHING_SHOWN = ""  # equals no hash, so the text in the box of a closed text counts as written by a person
LONG_FIELDS = ("narrative", "note", "description")
MOST_REPLACED = 20  # words that a page lists as replaced without a question
MENTION_LABELS: Mapping[Answer, str] = MappingProxyType(
    {
        Answer.SOURCE_SIDE: "The source\u2019s side",
        Answer.SUBJECT: "A subject",
        Answer.SOMEBODY_ELSE: "Somebody else",
        Answer.TAKE_OUT: "Take it out",
    }
)
SENTENCE_LABELS: Mapping[Answer, str] = MappingProxyType(
    {
        Answer.LEAVE: "Leave",
        Answer.TAKE_OUT: "Take out words",
        Answer.REWRITE: "Rewrite",
        Answer.REMOVE: "Remove sentence",
    }
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of an original: plain text, or a marked place with the number of its question (0 if it has none)."""

    text: str
    band: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the page: its number, its sentence with the telling words, its choices, and the answer so far."""

    number: int
    key: str
    kind: Sort
    id: str
    prompt: str
    sentence: tuple[Passage, ...]
    reason: str
    choices: tuple[tuple[Answer, str], ...]
    answer: str


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One text: the original with its places, the text to release, the questions that begin in it.

    `replaced` lists words with the tokens that replace them without a question. If `is_closed`, only text written by a
    person is released.
    """

    path: str
    label: str
    original: tuple[Passage, ...]
    questions: tuple[Asked, ...]
    replaced: tuple[tuple[str, str], ...]
    proposal: str
    shown: str
    is_closed: bool
    is_long: bool


def fields_of(
    submission: Submission, proposal: Proposal, answers: Mapping[str, Answer], *, texts: Mapping[str, str]
) -> list[ReviewField]:
    """Return every text to release, beside its original and the questions about it, which are numbered through.

    A text that differs from the decided one counts as rewritten while the page is open.
    """
    decided = texts_of(as_answered(submission, proposal, answers))
    numbers = {one.key: number for number, one in enumerate(proposal.questions, 1)}
    places = _places_of(proposal, numbers)
    return [
        ReviewField(
            path=path,
            label=label_of(path),
            original=tuple(_passages(original, places.get(path, ()))),
            questions=tuple(
                _asked(one, numbers[one.key], original, answers)
                for one in proposal.questions
                if one.places[0].path == path
            ),
            replaced=_replaced(proposal, path, original),
            proposal=texts.get(path, ""),
            shown=NOTHING_SHOWN if path in proposal.closed else mark_of(decided.get(path, "")),
            is_closed=path in proposal.closed,
            is_long=path.rpartition(".")[2] in LONG_FIELDS or len(original.splitlines()) > 1,
        )
        for path, original in texts_of(content_of(submission)).items()
    ]


_Marked = tuple[int, int, str, int]  # start, end, band and the number of the question


def _places_of(proposal: Proposal, numbers: Mapping[str, int]) -> dict[str, list[_Marked]]:
    """Return the places to mark in each text, in order."""
    places: dict[str, list[_Marked]] = {}
    for one in proposal.findings:
        if one.band is Band.AUTO:
            places.setdefault(one.path, []).append((one.start, one.end, Band.AUTO, 0))
    for question in proposal.questions:
        for one in question.places:
            band = Band.PROPOSE if one.is_proposed else Band.FLAG
            places.setdefault(one.path, []).append((one.start, one.end, band, numbers[question.key]))
    return {path: sorted(found) for path, found in places.items()}


def _asked(question: Question, number: int, original: str, answers: Mapping[str, Answer]) -> Asked:
    labels = SENTENCE_LABELS if question.sentence else MENTION_LABELS
    answer = answers.get(question.key, "")
    return Asked(
        number=number,
        key=question.key,
        kind=question.kind,
        id=f"question-{number}",
        prompt=question.prompt,
        sentence=tuple(_sentence(question, original)),
        reason=question.reason,
        choices=tuple((choice, labels[choice]) for choice in question.choices),
        answer=answer if answer in question.choices else "",
    )


def _sentence(question: Question, original: str) -> Iterator[Passage]:
    """Yield the telling sentence with its telling words marked; nothing for a name or value, which the prompt holds."""
    if question.sentence:
        start, end = question.sentence
        places = [(one.start, one.end, Band.FLAG, 0) for one in question.places]
        yield from _passages(original, places, start=start, end=end)


def _replaced(proposal: Proposal, path: str, original: str) -> tuple[tuple[str, str], ...]:
    found = {
        (original[one.start : one.end], Token(one.token).value): None
        for one in proposal.findings
        if one.band is Band.AUTO and one.path == path
    }
    return tuple(found)[:MOST_REPLACED]


def _passages(text: str, places: Sequence[_Marked], *, start: int = 0, end: int | None = None) -> Iterator[Passage]:
    at, end = start, len(text) if end is None else end
    for begins, ends, band, number in places:
        first, last = max(at, begins), min(max(at, ends), end)
        if first > at:
            yield Passage(text[at:first])
        if last > first:
            yield Passage(text[first:last], band, number)
        at = last
    if at < end:
        yield Passage(text[at:end])
