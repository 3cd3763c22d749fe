"""The decision on a submission: publish it sanitised, or hold it. Every failure holds it (D-S3)."""

from dataclasses import dataclass

from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import SafetyReason
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.sanitising import sanitise

# Further reasons are dropped; the submission is held anyway.
MOST_REASONS = 40
UNREAD = "unread:other_language"


@dataclass(frozen=True, slots=True)
class Clear:
    """A submission without open decisions or protected values: the content may be published."""

    content: SanitisedContent


@dataclass(frozen=True, slots=True)
class Hold:
    """A submission that a vetted person must review. `reasons` are codes."""

    reasons: tuple[str, ...]


ClearOrHold = Clear | Hold


def clear_or_hold(opened: SealedContent) -> ClearOrHold:
    """Sanitise and check a submission. Hold it on any error or doubt.

    The software cannot read other languages than English. Such a text is always held.
    """
    unread = [UNREAD] * any(hit.reason is SafetyReason.OTHER_LANGUAGE for hit in opened.safety)
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = find_leaks(sanitised.content, protected_values(opened.submission, opened.agency))
    except Exception as error:  # noqa: BLE001 - fails closed; the error's message may contain the text
        return Hold((*unread, f"failed:{type(error).__name__}"))
    reasons = [
        *unread,
        *(item.code for item in remaining),
        *(f"told:{kind}:{path}" for kind, path in sanitised.disclosures),
        *(code for each in sanitised.findings if (code := _reason(each))),
    ]
    return Hold(tuple(dict.fromkeys(reasons))[:MOST_REASONS]) if reasons else Clear(sanitised.content)


def _reason(finding: Finding) -> str:
    """Return the code of a finding that needs a person, without any of its text; empty for another finding."""
    return "" if finding.band is Band.AUTO else f"{finding.band}:{finding.rule}:{finding.path}"
