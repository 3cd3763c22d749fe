"""One review, as one job of a child process: the page, the errors that block the release, and the content to release.

The matcher and the leak check are slow on a hostile text, so they never run in the serving process. The size of the
answer is limited.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from pipeline_shared.language.restricted import SealedContent, Submission
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.web.errors import FormError
from sanitiser_service.desk.review import release_errors
from sanitiser_service.desk.review.domain import (
    MOST_ON_A_PAGE,
    UNREAD,
    Proposal,
    as_answered,
    check_again,
    contradicting,
    may_stay,
    not_rewritten,
    nothing_read,
    propose,
    unanswered,
    words_left,
)
from sanitiser_service.desk.review.labels import label_of, protected_label
from sanitiser_service.desk.review.occurrence import with_times
from sanitiser_service.desk.review.review_fields import ReviewField, fields_of
from sanitiser_service.desk.review.review_form import ReviewForm
from sanitiser_service.form.fields import content_of, texts_of, with_texts
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import Leak, find_leaks
from sanitiser_service.matcher.disclosure.telling import encoder

MOST_REMAINING = MOST_ON_A_PAGE  # protected values that a page names


@dataclass(frozen=True, slots=True)
class Remaining:
    """A protected value in a text of the content, by each rule that finds it.

    `may_stay` if a person may keep it, `stays` if the form keeps it.
    """

    items: tuple[Leak, ...]
    label: str
    may_stay: bool
    stays: bool

    @property
    def item(self) -> Leak:
        """Return the first leak, whose code names the value in the form."""
        return self.items[0]


@dataclass(frozen=True, slots=True)
class Examined:
    """A held submission as its page shows it, and the content to release. Any of the `errors` blocks the release."""

    fields: tuple[ReviewField, ...]
    remaining: tuple[Remaining, ...]
    more_remaining: int
    errors: tuple[FormError, ...]
    content: SanitisedContent
    was_read: bool

    @property
    def left(self) -> list[str]:
        """Return the codes of leaks that the reviewer kept."""
        return [item.code for one in self.remaining if one.stays for item in one.items]


def be_ready() -> None:
    """Load the encoder; a child that can run this has loaded the rest of a review."""
    encoder()


def examine(opened: SealedContent, form: ReviewForm, *, read: bool = True) -> Examined:
    """Apply the form's answers. With `read=False` the original is not searched and every text must be rewritten."""
    submission = opened.submission
    proposal = propose(opened) if read else nothing_read(submission)
    content, unfit = _as_written(as_answered(submission, proposal, form.answers), submission, form)
    found = find_leaks(content, protected_values(submission, opened.agency))
    fields = fields_of(submission, proposal, form.answers, texts=texts_of(content))
    remaining = _remaining(found[:MOST_REMAINING], submission, proposal, form)
    more = max(0, len(found) - MOST_REMAINING)
    errors = [
        *_unanswered_errors(proposal, form),
        *unfit,
        *_errors_in_closed(proposal, form),
        *(release_errors.leak_error(one.item) for one in remaining if not one.stays),
        *([release_errors.more_error(more)] if more else []),
        *_not_rewritten_errors(submission, proposal, form),
        *map(release_errors.contradiction_error, contradicting(submission, proposal, form.answers, form.changed)),
        *_errors_in_new(opened, proposal, form),
    ]
    return Examined(tuple(fields), tuple(remaining), more, tuple(errors), content, proposal.was_read)


def unexamined(opened: SealedContent, form: ReviewForm) -> Examined:
    """Return the page for a review without an answer: it keeps the typed text and cannot be released.

    It runs neither the matcher nor the leak check.
    """
    submission = opened.submission
    proposal = nothing_read(submission)
    content, _ = _as_written(as_answered(submission, proposal, {}), submission, form)
    fields = fields_of(submission, proposal, form.answers, texts=texts_of(content))
    return Examined(tuple(fields), (), 0, (release_errors.UNCHECKED_TEXT,), content, was_read=False)


def _as_written(
    decided: SanitisedContent, submission: Submission, form: ReviewForm
) -> tuple[SanitisedContent, list[FormError]]:
    """Return the content with the form's rewritten texts and its precision of times."""
    content = with_times(decided, submission.occurrence, form.precision)
    try:
        return with_texts(content, form.changed), []
    except ValidationError:
        return content, [release_errors.UNFIT_TEXT]


def _remaining(found: Sequence[Leak], submission: Submission, proposal: Proposal, form: ReviewForm) -> list[Remaining]:
    """Return the leaks; one value in one text is one line, also if it is several values of the form."""
    originals = texts_of(content_of(submission))
    lines: dict[tuple[str, str], list[Leak]] = {}
    for item in found:
        lines.setdefault((item.path, item.value.casefold()), []).append(item)
    return [
        Remaining(tuple(items), _remaining_label(items), may, may and items[0].code in form.staying)
        for items in lines.values()
        for may in (all(may_stay(item, originals, proposal, form.answers) for item in items),)
    ]


def _remaining_label(items: Sequence[Leak]) -> str:
    labels = dict.fromkeys(protected_label(item.rule).lower() for item in items)
    return f"{label_of(items[0].path)}: {', '.join(labels)}"


def _unanswered_errors(proposal: Proposal, form: ReviewForm) -> Iterator[FormError]:
    waiting = {one.key for one in unanswered(proposal, form.answers)}
    for number, one in enumerate(proposal.questions, 1):
        if one.key in waiting:
            yield release_errors.unanswered_error(number)


def _not_rewritten_errors(submission: Submission, proposal: Proposal, form: ReviewForm) -> Iterator[FormError]:
    left = {one.key for one in not_rewritten(submission, proposal, form.answers, form.changed)}
    for number, one in enumerate(proposal.questions, 1):
        if one.key in left:
            yield release_errors.not_rewritten_error(one.places[0].path, number)


def _errors_in_closed(proposal: Proposal, form: ReviewForm) -> Iterator[FormError]:
    """Yield an error for each text that is closed now but was not on the form's page: the reviewer must see this."""
    for path in proposal.closed - form.changed.keys():
        yield release_errors.closed_error(path)


def _errors_in_new(opened: SealedContent, proposal: Proposal, form: ReviewForm) -> list[FormError]:
    """Return errors for findings in rewritten texts: a reviewer may type a nickname of the source."""
    written = {path: text for path, text in form.changed.items() if text != UNREAD}
    if not written:
        return []
    found = check_again(opened, written, words_left(opened.submission, proposal, form.answers))
    return release_errors.in_bounds([release_errors.found_again_error(said) for said in found])
