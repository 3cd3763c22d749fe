"""What is wrong with a form: one shape from the check of a field to the page that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormError:
    """One thing to mend; `field` is the id of the input that it belongs to."""

    field: str
    text: str

    @property
    def href(self) -> str:
        """Return the address to which the summary at the top of the page links."""
        return f"#{self.field}"


def errors_by_field(errors: Iterable[FormError]) -> dict[str, str]:
    """Return the errors by field; several errors of one field become one text."""
    texts: dict[str, list[str]] = {}
    for error in errors:
        texts.setdefault(error.field, []).append(error.text)
    return {field: "; ".join(lines) for field, lines in texts.items()}
