"""The review of a held submission: the software asks, and a person answers each question.

Pure. The answers produce the text. A text rewritten by a person replaces it, and must not contain words the person
decided to remove. A submission with an unanswered question cannot be released (D-S3). If the software could not read a
text, or has too many questions about it, the text is closed: only a text written by a person is released instead.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from pipeline_shared.language.restricted import SealedContent, Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.fields import content_of, texts_of, with_texts
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import Leak, find_leaks
from sanitiser_service.matcher.disclosure.disclosure import TOO_LONG
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.questions import KEEPING, REMOVING, Answer, Question, questions_of
from sanitiser_service.matcher.redaction import decide, replacements_of, written
from sanitiser_service.matcher.sanitising import find_in, sanitise

UNREAD = "[REMOVED]"
MOST_IN_A_TEXT, MOST_ON_A_PAGE = 100, 200  # questions that one person can answer one by one
_WORD = re.compile(r"\w+")
MOST_PLACES = 1_000  # places that a page can mark


class StaleVersionError(Exception):
    """Another person decided first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The findings of the software and the questions about them.

    `closed`: paths whose text a person must rewrite. If `was_read` is false, that is every path.
    """

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()
    closed: frozenset[str] = frozenset()
    was_read: bool = True


@dataclass(frozen=True, slots=True)
class StillSaid:
    """Words that a rewritten text still contains, and the rule that found them."""

    path: str
    words: str
    rule: str


def propose(opened: SealedContent) -> Proposal:
    """Return the questions about a submission; close texts with too many of them, or all texts after a failure."""
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = find_leaks(sanitised.content, protected_values(opened.submission, opened.agency))
        texts = texts_of(content_of(opened.submission))
        closed = too_many(questions_of(texts, sanitised.findings), sanitised.findings, remaining)
        closed |= {path for kind, path in sanitised.disclosures if kind == TOO_LONG}
        findings = tuple(one for one in sanitised.findings if one.path not in closed)
        return Proposal(findings, questions_of(texts, findings), closed)
    except Exception:  # noqa: BLE001 - the submission is held for this; the message may contain the text
        return nothing_read(opened.submission)


def nothing_read(submission: Submission) -> Proposal:
    """Return the proposal for an unread submission: no findings, and every text closed."""
    return Proposal((), (), frozenset(texts_of(content_of(submission))), was_read=False)


def too_many(questions: Iterable[Question], findings: Iterable[Finding], leaks: Iterable[Leak]) -> frozenset[str]:
    """Return the paths with too much to answer or to mark: over 100 questions in one text, or over 200 on the page.

    A leak counts as a question; a question about several texts counts once for the page. Marks are over 1,000.
    """
    asked: dict[str, set[str]] = {}
    for path, key in chain(
        ((one.path, question.key) for question in questions for one in question.places),
        ((one.path, f"leak:{number}") for number, one in enumerate(leaks)),
    ):
        asked.setdefault(path, set()).add(key)
    marks = Counter(one.path for one in findings)
    closed: set[str] = set()
    on_page: set[str] = set()
    marked = 0
    for path in dict.fromkeys((*marks, *asked)):
        here = asked.get(path, set())
        if len(here) > MOST_IN_A_TEXT or len(on_page | here) > MOST_ON_A_PAGE or marked + marks[path] > MOST_PLACES:
            closed.add(path)
        else:
            on_page |= here
            marked += marks[path]
    return frozenset(closed)


def unanswered(proposal: Proposal, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """Return the questions without an answer that they offer."""
    return tuple(one for one in proposal.questions if answers.get(one.key) not in one.choices)


def as_answered(submission: Submission, proposal: Proposal, answers: Mapping[str, Answer]) -> SanitisedContent:
    """Return the content as answered so far; a question without an answer has its default."""
    assumed = {one.key: answers.get(one.key, one.default) for one in proposal.questions}
    valid = {one.key: one.default for one in proposal.questions if assumed[one.key] not in one.choices}
    decided = decide(submission, proposal.findings, proposal.questions, assumed | valid)
    return with_texts(decided, dict.fromkeys(proposal.closed, UNREAD))


def rewritten(texts: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a person changed: their hash (`mark_of`) differs from that of the shown text."""
    return {path: text for path, text in texts.items() if path in shown and mark_of(text) != shown[path]}


def contradicting(
    submission: Submission, proposal: Proposal, answers: Mapping[str, Answer], changed: Mapping[str, str]
) -> tuple[StillSaid, ...]:
    """Return words in rewritten texts that the person decided to remove."""
    originals = texts_of(content_of(submission))
    decided = texts_of(as_answered(submission, proposal, answers))
    removed = {
        (one.path, originals[one.path][one.start : one.end]): one.rule
        for question in proposal.questions
        if answers.get(question.key) in REMOVING
        for one in question.places
        if one.path in changed
    }
    return tuple(
        StillSaid(path, words, rule)
        for (path, words), rule in removed.items()
        if _count(words, changed[path]) > _count(words, decided.get(path, ""))
    )


def not_rewritten(
    submission: Submission, proposal: Proposal, answers: Mapping[str, Answer], changed: Mapping[str, str]
) -> tuple[Question, ...]:
    """Return the sentences that a person chose to rewrite and that still stand in the text as they were."""
    originals = texts_of(content_of(submission))
    places = replacements_of(proposal.findings, {one: answers.get(one.key, one.default) for one in proposal.questions})
    left: list[Question] = []
    for one in proposal.questions:
        if answers.get(one.key) is Answer.REWRITE and one.sentence:
            path = one.places[0].path
            start, end = one.sentence
            inside = (place for place in places.get(path, ()) if start <= place.start < end)
            sentence = written(originals[path], inside, start=start, end=end)
            if path not in changed or _count(sentence, changed[path]) or _all_said(one, originals[path], changed[path]):
                left.append(one)
    return tuple(left)


def _all_said(question: Question, original: str, text: str) -> bool:
    """Tell whether a text says all the telling words of a sentence as often as the original."""
    said = (original[one.start : one.end] for one in question.places)
    return all(_count(words, text) >= _count(words, original) for words in said)


def check_again(opened: SealedContent, changed: Mapping[str, str], left: frozenset[str]) -> tuple[StillSaid, ...]:
    """Return certain and proposed findings in rewritten texts, except words a person chose to keep."""
    found = find_in(opened.submission, opened.agency, changed)
    return tuple(
        StillSaid(path, words, one.rule)
        for path, findings in found.items()
        for one in findings
        if one.band in (Band.AUTO, Band.PROPOSE)
        for words in (changed[path][one.start : one.end],)
        if words.casefold() not in left
    )


def words_left(submission: Submission, proposal: Proposal, answers: Mapping[str, Answer]) -> frozenset[str]:
    """Return the words of all places that a person chose to keep, in small letters."""
    originals = texts_of(content_of(submission))
    return frozenset(
        originals[one.path][one.start : one.end].casefold()
        for question in proposal.questions
        if answers.get(question.key) in KEEPING
        for one in question.places
    )


def may_stay(item: Leak, originals: Mapping[str, str], proposal: Proposal, answers: Mapping[str, Answer]) -> bool:
    """Tell whether one person may leave a leak in the text, because it may belong to somebody else.

    That is true of values that do not identify, such as a role, of ordinary words, and of words that the software only
    pointed at. It is never true of a name that it proposed to replace: that would need a second person (D-S3).
    """
    if not item.identifying:
        return True
    over = [
        (one.is_proposed, answers.get(question.key))
        for question in proposal.questions
        for one in question.places
        if one.path == item.path and _count(item.value, originals[one.path][one.start : one.end])
    ]
    if any(is_proposed and answer in KEEPING for is_proposed, answer in over):
        return False
    return any(not is_proposed for is_proposed, _ in over) or WORDS.issuperset(item.value.casefold().split())


def _count(words: str, text: str) -> int:
    """Count words in a text, regardless of case and of what stands between them."""
    wanted = _in_words(words)
    return f" {_in_words(text)} ".replace(" ", "  ").count(f" {wanted.replace(' ', '  ')} ") if wanted else 0


def _in_words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def mark_of(text: str) -> str:
    """Return a hash of a shown text, to detect later whether the reviewer changed it.

    Browsers change line ends and may drop spaces around a text, so the hash ignores both.
    """
    return hashlib.sha256("\n".join(text.strip().splitlines()).encode()).hexdigest()[:16]
