"""The advice that a submitter reads: 999 first for a HIGH submission, then where a referral goes."""

from intake_service.screening.advice import AdviceCode, advise
from tests.unit.intake.builders import screened


def test_high_advice_is_999_first_and_says_where_a_referral_goes() -> None:
    codes = [advice.code for advice in advise(screened("The baby has bruises on both ears."))]
    assert codes[0] is AdviceCode.CALL_999
    assert AdviceCode.REFER_CHILD in codes
    assert codes[-1] is AdviceCode.PORTAL_REPLACES_NEITHER


def test_an_unknown_persons_risk_names_both_referrals_and_no_risk_none() -> None:
    codes = {advice.code for advice in advise(screened("He has a gun in the car."))}
    assert {AdviceCode.REFER_CHILD, AdviceCode.REFER_ADULT} <= codes
    assert advise(screened("Litter.")) == ()
