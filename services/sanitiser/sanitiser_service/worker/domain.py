"""What becomes of a submission: it goes onward sanitised, or it is held. Everything that goes wrong holds it (D-S3)."""

from dataclasses import dataclass

from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import SafetyReason
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.sanitising import sanitise

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


ClearOrHold = Clear | Hold


def clear_or_hold(opened: SealedContent) -> ClearOrHold:
    """Sanitise and check; whatever fails, and whatever only a person can decide, holds the submission.

    What is not in English was read by no software, whatever the matcher found in it: only a person can decide.
    """
    unread = [UNREAD] * any(hit.reason is SafetyReason.OTHER_LANGUAGE for hit in opened.safety)
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = find_leaks(sanitised.content, protected_values(opened.submission, opened.agency))
    except Exception as error:  # noqa: BLE001 - fails closed, and the error's text may hold the text
        return Hold((*unread, f"failed:{type(error).__name__}"))
    reasons = [
        *unread,
        *(item.code for item in remaining),
        *(f"told:{kind}:{path}" for kind, path in sanitised.disclosures),
        *(code for each in sanitised.findings if (code := _reason(each))),
    ]
    return Hold(tuple(dict.fromkeys(reasons))[:MOST_REASONS]) if reasons else Clear(sanitised.content)


def _reason(finding: Finding) -> str:
    """Return why a finding needs a person, without any of its text; empty when it does not."""
    return "" if finding.band is Band.AUTO else f"{finding.band}:{finding.rule}:{finding.path}"
