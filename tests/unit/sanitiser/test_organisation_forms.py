"""Names of organisations with signs in them are found with other signs, without signs, and spelled out."""

import pytest

from sanitiser_service.form.profile import Protected, Token
from sanitiser_service.leak_check import find_leaks
from tests.support.building import sanitised_content
from tests.unit.sanitiser.forms import goes_onward

SAME = [
    ("Co-op", "Coop", "CoOp", "co op", "CO-OP", "Co\u2010op"),
    ("E.ON", "EON", "E-ON", "e.on", "E ON", "Eon"),
    ("M&S", "M and S", "M & S", "M&amp;S", "M+S", "M n S"),
    ("B&Q", "B and Q", "B & Q", "b&q"),
    ("H&M", "H & M", "H and M"),
    ("T.K. Maxx", "TK Maxx", "tkmaxx", "T K Maxx", "T.K.Maxx"),
    ("WHSmith", "W.H. Smith", "W H Smith", "WH Smith"),
    ("J.D. Sports", "JD Sports", "J D Sports"),
    ("Sainsbury's", "Sainsburys", "Sainsbury\u2019s", "sainsbury's"),
    ("O2", "O 2", "o2"),
    ("T-Mobile", "TMobile", "T Mobile"),
    ("Toys-R-Us", "Toys R Us", "ToysRUs"),
    ("A.B.F. Foods", "ABF Foods", "A B F Foods"),
    ("Wilko.com", "Wilko com", "wilko"),
    ("Marks & Spencer", "Marks and Spencer", "Marks&Spencer", "M&S"),
    ("St-Giles/Trust", "Saint Giles", "St. Giles", "StGiles", "St Giles Trust", "SaintGiles"),
    ("Saint Bride/Hostel", "St Bride", "StBride", "St. Bride's", "St-Bride"),
    ("Crimestoppers\u2122", "Crime Stoppers", "crime-stoppers", "CrimeStoppers", "crimestoppers"),
    ("Zorblines\u00ae", "Zorb Lines", "zorb-lines", "ZorbLines"),
    ("Women@Risk", "WomenatRisk", "Women at Risk", "Women-at-Risk", "WomenAtRisk"),
    ("Young+Safe", "YoungSafe", "Young & Safe", "Young-Safe"),
    ("Safe:Haven", "SafeHaven", "Safe Haven", "safe-haven"),
    ("Men|Talk", "MenTalk", "Men Talk", "men-talk"),
    ("St. Mary's", "St Marys", "Saint Mary's"),
]


@pytest.mark.parametrize(
    ("form", "said"), [(form, said) for forms in SAME for form in forms[:2] for said in forms if form != said]
)
def test_an_organisation_with_signs_in_its_name_never_goes_onward_unseen(form: str, said: str) -> None:
    assert not goes_onward(f"A van of {said} stood in the yard.", organisation=form)


@pytest.mark.parametrize(("form", "said"), [("Co-op", "Coop"), ("Coop", "Co-op"), ("E.ON", "EON"), ("M&S", "M and S")])
def test_the_leak_check_knows_them_by_code_of_its_own(form: str, said: str) -> None:
    content = sanitised_content(narrative=f"A van of {said} stood in the yard.")
    assert find_leaks(content, (Protected(form, Token.AGENCY, "source.organisation"),))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("M&S", "Ms Brown stood in the yard."),
        ("Co-op", "They cooperate in the yard with a scoop."),
        ("E.ON", "A neon sign stood in the yard for ages."),
        ("B&Q", "A barbecue and a quad bike stood in the yard."),
    ],
)
def test_ordinary_words_with_the_same_letters_pass(form: str, text: str) -> None:
    assert goes_onward(text, organisation=form)
