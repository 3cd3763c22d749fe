"""The errors that block a release. Each links to its field; only the source desk sees them."""

from pipeline_shared.web.errors import FormError
from sanitiser_service.desk.review.domain import StillSaid
from sanitiser_service.desk.review.labels import label_of, protected_label
from sanitiser_service.leak_check import Leak
from sanitiser_service.matcher.reasons import sentence_of

MOST_ERRORS = 50  # shown about rewritten texts
UNFIT_TEXT = FormError("narrative", "A text holds a character that cannot be kept")
UNCHECKED_TEXT = FormError("narrative", "The software could not check what you wrote: write it in other words")


def unanswered_error(number: int) -> FormError:
    """Return the error for an unanswered question."""
    return FormError(f"question-{number}", f"Answer question {number}")


def not_rewritten_error(path: str, number: int) -> FormError:
    """Return the error for a sentence that the person chose to rewrite and that stands in the text as it was."""
    text = f"{label_of(path)}: you chose to rewrite the sentence of question {number}, and it still stands there"
    return FormError(path, text)


def leak_error(item: Leak) -> FormError:
    """Return the error for a protected value in the content."""
    text = f"{label_of(item.path)} still holds \u201c{item.value}\u201d ({protected_label(item.rule).lower()})"
    return FormError(item.path, text)


def contradiction_error(said: StillSaid) -> FormError:
    """Return the error for a rewritten text with words that the person decided to remove."""
    text = f"{label_of(said.path)}: you decided to take out \u201c{said.words}\u201d, and your text still says it"
    return FormError(said.path, text)


def found_again_error(said: StillSaid) -> FormError:
    """Return the error for a finding in a rewritten text."""
    text = f"{label_of(said.path)}: your text says \u201c{said.words}\u201d ({sentence_of(said.rule).lower()})"
    return FormError(said.path, text)


def closed_error(path: str) -> FormError:
    """Return the error for a text that would be removed without notice: the form's page did not show it as closed."""
    return FormError(path, f"{label_of(path)}: this is removed now unless you write it anew")


def in_bounds(errors: list[FormError]) -> list[FormError]:
    """Return the first errors, and one error with the number of the rest."""
    more = len(errors) - MOST_ERRORS
    return [*errors[:MOST_ERRORS], more_error(more)] if more > 0 else errors


def more_error(count: int) -> FormError:
    """Return the error for places beyond the limit of a page."""
    return FormError("narrative", f"There are {count} more such places: write these texts anew")
