"""What becomes of a submission: it goes onward sanitised, or it is held. Everything that goes wrong holds it (D-S3)."""

from dataclasses import dataclass

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import SealedContent
from sanitiser_service.profile import protected_values
from sanitiser_service.residual import left_over
from sanitiser_service.sanitising import sanitise


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing protected is left: the content may go onward."""

    content: SanitisedContent


@dataclass(frozen=True, slots=True)
class Hold:
    """A vetted person must look; `reasons` are codes."""

    reasons: tuple[str, ...]


Outcome = Clear | Hold


class StaleVersionError(Exception):
    """Somebody else decided first."""


def assess(opened: SealedContent) -> Outcome:
    """Sanitise and check; whatever fails, the submission is held."""
    try:
        content = sanitise(opened.submission, opened.agency).content
        remaining = left_over(content, protected_values(opened.submission, opened.agency))
    except Exception as error:  # noqa: BLE001 - fails closed, and the error's text may hold the text
        return Hold((f"failed:{type(error).__name__}",))
    return Hold(tuple(item.code for item in remaining)) if remaining else Clear(content)
