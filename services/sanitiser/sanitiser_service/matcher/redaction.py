"""Makes the content for release from the original and a reviewer's answers.

What is of the source's side is replaced by its token, what is taken out by `[REMOVED]`; what is a subject's or somebody
else's stays. There is no accept-all: each question is answered by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeline_shared.language.restricted import Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.fields import content_of, texts_of, with_texts
from sanitiser_service.form.profile import Token
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.questions import Answer, Question


class UnansweredError(Exception):
    """A question has no answer that it offers, or an answer has no question; `keys` are the keys of these questions."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__("questions are unanswered or unknown")
        self.keys = tuple(keys)


class Replacement(NamedTuple):
    """A place in an original, and the words that stand there instead."""

    path: str
    start: int
    end: int
    words: str


def decide(
    submission: Submission,
    findings: Iterable[Finding],
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
) -> SanitisedContent:
    """Return the content as answered; raise UnansweredError unless exactly these questions are answered."""
    asked = {question.key: question for question in questions}
    wrong = {key for key in asked.keys() & answers.keys() if answers[key] not in asked[key].choices}
    if wrong or asked.keys() != answers.keys():
        raise UnansweredError(sorted(wrong | (asked.keys() ^ answers.keys())))
    places = replacements_of(findings, {asked[key]: answer for key, answer in answers.items()})
    content = content_of(submission)
    return with_texts(content, {path: written(text, places.get(path, ())) for path, text in texts_of(content).items()})


def replacements_of(findings: Iterable[Finding], answers: Mapping[Question, Answer]) -> dict[str, list[Replacement]]:
    """Return what is replaced in each text: what is sure, and what the answers take out."""
    by_path: dict[str, list[Replacement]] = {}
    sure = (Replacement(one.path, one.start, one.end, one.token) for one in findings if one.band is Band.AUTO)
    for one in (*sure, *(one for question, answer in answers.items() for one in _taken_out(question, answer))):
        by_path.setdefault(one.path, []).append(one)
    return by_path


def _taken_out(question: Question, answer: Answer) -> Iterator[Replacement]:
    if answer is Answer.REMOVE and question.sentence:
        yield Replacement(question.places[0].path, *question.sentence, Token.REMOVED)
    elif answer is Answer.SOURCE_SIDE or (answer is Answer.TAKE_OUT and question.sentence):
        yield from (Replacement(one.path, one.start, one.end, one.token) for one in question.places)
    elif answer is Answer.TAKE_OUT:
        yield from (Replacement(one.path, one.start, one.end, Token.REMOVED) for one in question.places)


def replaced(text: str, findings: list[Finding]) -> str:
    """Return a text with each finding that has a token replaced by it."""
    return written(text, [Replacement(one.path, one.start, one.end, one.token) for one in findings if one.token])


def written(text: str, places: Iterable[Replacement], *, start: int = 0, end: int | None = None) -> str:
    """Return a part of a text with its places replaced; of places that overlap, the first and longest one counts."""
    parts: list[str] = []
    at = start
    for one in sorted(places, key=lambda one: (one.start, -one.end)):
        if one.start >= at:
            parts += (text[at : one.start], one.words)
        at = max(at, one.end)
    return "".join((*parts, text[at:end]))
