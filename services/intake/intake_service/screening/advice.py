"""The advice that comes with the receipt of the level NOW: the portal replaces neither 999 nor a referral (D-T0)."""

from dataclasses import dataclass
from enum import StrEnum

from intake_service.screening.screen import Screening
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason


class AdviceCode(StrEnum):
    """The codes of advice, so that a portal frontend can use its own layout or translation."""

    CALL_999 = "call_999"
    NOT_READ_OTHER_LANGUAGE = "not_read_other_language"
    REFER_CHILD = "refer_child"
    REFER_ADULT = "refer_adult"
    PORTAL_REPLACES_NEITHER = "portal_replaces_neither"


@dataclass(frozen=True, slots=True)
class Advice:
    """One action that the submitter should take now."""

    code: AdviceCode
    text: str


CALL_999 = Advice(
    AdviceCode.CALL_999, "If anyone is in immediate danger, call 999 now. Do not wait for a reply to this."
)
NOT_READ_OTHER_LANGUAGE = Advice(
    AdviceCode.NOT_READ_OTHER_LANGUAGE,
    "Part of this was not read by software because it is not in English. "
    "If anyone is in immediate danger, call 999 now.",
)
REFER_CHILD = Advice(
    AdviceCode.REFER_CHILD,
    "If a child may be at risk, make a safeguarding referral to the Integrated Front Door (MASH) as well.",
)
REFER_ADULT = Advice(
    AdviceCode.REFER_ADULT,
    "If an adult with care needs may be at risk, make a safeguarding referral to adult social care as well.",
)
REPLACES_NEITHER = Advice(
    AdviceCode.PORTAL_REPLACES_NEITHER,
    "This portal replaces neither a 999 call nor a safeguarding referral.",
)


def advise(screening: Screening) -> tuple[Advice, ...]:
    """Return the advice for the submitter, the most urgent first; empty unless the level is NOW.

    If the screen cannot tell whether a child or an adult is at risk, the advice names the referrals for both.
    """
    if screening.level is not SafetyLevel.NOW:
        return ()
    child = SafetyReason.CHILD_AT_RISK in screening.reasons
    adult = SafetyReason.ADULT_AT_RISK in screening.reasons
    unread = [NOT_READ_OTHER_LANGUAGE] * (SafetyReason.OTHER_LANGUAGE in screening.reasons)
    referrals = [REFER_CHILD] * (child or not adult) + [REFER_ADULT] * (adult or not child)
    return (CALL_999, *unread, *referrals, REPLACES_NEITHER)
