"""What becomes of a submission: it goes onward sanitised, or it is held. Everything that goes wrong holds it (D-S3)."""

from dataclasses import dataclass

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import SafetyReason, SealedContent
from sanitiser_service.profile import protected_values
from sanitiser_service.residual import left_over
from sanitiser_service.sanitising import Band, Finding, sanitise

# A store's row and a page's list hold this many reasons; a text with more is no less held.
MOST_REASONS = 40
UNREAD = "unread:other_language"


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing is for a person to decide and nothing protected is left: the content may go onward."""

    content: SanitisedContent


@dataclass(frozen=True, slots=True)
class Hold:
    """A vetted person must look; `reasons` are codes."""

    reasons: tuple[str, ...]


Outcome = Clear | Hold


class StaleVersionError(Exception):
    """Somebody else decided first."""


def assess(opened: SealedContent) -> Outcome:
    """Sanitise and check; whatever fails, and whatever only a person can decide, holds the submission.

    What is not in English was read by no software, whatever the matcher found in it: only a person can decide.
    """
    unread = [UNREAD] * any(hit.reason is SafetyReason.OTHER_LANGUAGE for hit in opened.safety)
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = left_over(sanitised.content, protected_values(opened.submission, opened.agency))
    except Exception as error:  # noqa: BLE001 - fails closed, and the error's text may hold the text
        return Hold((*unread, f"failed:{type(error).__name__}"))
    reasons = [
        *unread,
        *(item.code for item in remaining),
        *(f"told:{kind}:{path}" for kind, path in sanitised.told),
        *(code for each in sanitised.findings if (code := _reason(each))),
    ]
    return Hold(tuple(dict.fromkeys(reasons))[:MOST_REASONS]) if reasons else Clear(sanitised.content)


def _reason(finding: Finding) -> str:
    """Return why a finding needs a person, without any of its text; empty when it does not."""
    return "" if finding.band is Band.AUTO else f"{finding.band}:{finding.rule}:{finding.path}"
