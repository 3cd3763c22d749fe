"""The errors of a form: one shape, from the check of a field to the page that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormError:
    """One error in a form; `field` is the id of its input."""

    field: str
    text: str

    @property
    def href(self) -> str:
        """Return the target of the link in the summary at the top of the page."""
        return f"#{self.field}"


def errors_by_field(errors: Iterable[FormError]) -> dict[str, str]:
    """Return the errors by field; several errors of one field become one text."""
    texts: dict[str, list[str]] = {}
    for error in errors:
        texts.setdefault(error.field, []).append(error.text)
    return {field: "; ".join(lines) for field, lines in texts.items()}
