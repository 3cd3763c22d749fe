"""The address of the source never goes onward without a person, in any wording on the form and in the text."""

import pytest

from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import a_submission, an_agency
from tests.unit.sanitiser.forms import goes_onward

WITH_ADDRESS = {"kind": "person", "name": "Zenobia Quillfeather", "address": "18 Tarn Street, Leeds"}
HAZEL = "Flat 3, Hazel Court, 18 Tarn Street, LS99 1AA"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (HAZEL, "18 Tarn Street"),
        (HAZEL, "Hazel Court"),
        (HAZEL, "18 LS99"),
        (HAZEL, "house 18 on Tarn Street"),
        (HAZEL, "18\nTarn Street"),
        ("Flat 2 18 Garnet Street", "18 Garnet Street"),
        ("18/2 Garnet Street", "18 Garnet Street"),
        ("18/2 Garnet Street", "18/2 Garnet St"),
        ("18 Queen's Road", "18 Queens Rd"),
        ("18 Queens Road", "18 Queen\u2019s Rd"),
        ("18 Saint John's Road", "18 St Johns Rd"),
        ("18 St. John's Road", "18 Saint John Road"),
        ("22 Third Avenue, Leeds", "22 3rd Ave"),
        ("22 3rd Ave, Leeds", "22 Third Avenue"),
        ("7 Eleventh Street, Ossett", "7 11th St"),
        ("14 Second Cross Road", "14 2nd Cross Rd"),
        ("12 Up. Tarn Street", "12 Upper Tarn Street"),
        ("12 Lower Tarn Street", "12 Lwr Tarn St"),
        ("Tŷ Gwyn, Heol y Bryn", "Heol y Bryn"),
        ("Tŷ Gwyn, Heol y Bryn", "Ty Gwyn"),
        ("Hafod Isaf, Cwm Gwennol, Llandeilo, SA19 7YD", "Hafod Isaf"),
        ("Taigh Bàn, Rathad na Mara, Oban", "Rathad na Mara"),
        ("Taigh Bàn, Rathad na Mara, Oban", "Taigh Ban"),
        ("Rose Cottage, Kirkgate, Leeds", "Kirkgate"),
        ("The Old Rectory, Church Lane, Steynford, BN44 3ZZ", "the old rectory"),
        ("The Old Rectory, Church Lane, Steynford, BN44 3ZZ", "Church Ln"),
        ("27a Mill Lane, Ossett", "27A Mill Ln"),
        ("27a Mill Lane, Ossett", "27 a Mill Lane"),
        ("27a Mill Lane, Ossett", "27 Mill Lane"),
        ("No. 41, Larch Crescent, Ossett", "41 Larch Cres"),
        ("41-43 Larch Crescent", "43 Larch Cresc."),
        ("41 to 43 Larch Crescent", "number 41, Larch Crescent"),
        ("Apartment 9 Quayside House 112 Wharf Road Hull HU1 1ZZ", "112 Wharf"),
        ("Apartment 9 Quayside House 112 Wharf Road Hull HU1 1ZZ", "a hundred and twelve Wharf Road"),
        ("Apartment 9 Quayside House 112 Wharf Road Hull HU1 1ZZ", "one hundred and twelve wharf rd"),
        ("Apartment 9 Quayside House 112 Wharf Road Hull HU1 1ZZ", "Quayside House"),
        ("22 Élan Gardens, Leeds", "22 Elan Gdns"),
        ("22 Elan Gardens, Leeds", "Élan Gardens, number 22"),
        ("22 Elan Gardens, Leeds", "20 and 22 Elan Gardens"),
        ("18 The Green, Bury St Edmunds", "18 the Green"),
        ("18 Mount Pleasant, Hull", "18 Mt Pleasant"),
        ("18 High St, Hull", "18 High Street"),
        ("18 Abbey Square, Hull", "18 Abbey Sq"),
        ("18 Abbey Terrace, Hull", "18 Abbey Terr"),
        ("18 Abbey Avenue, Hull", "18 Abbey Ave"),
        ("18 Abbey Close, Hull", "18 Abbey Cl"),
        ("18 Thornbeck Close, Hull", "18 Thornbek Close"),
        ("18 &#84;arn Street", "18 Tarn Street"),
        ("18%20Tarn%20Street", "18 Tarn Street"),
        ("c/o 12 Chestnut Drive, Richmond, TW10 6BB", "12 Chestnut"),
        ("Room over 31 Station Parade, SO15 2JU", "31 Station Pde"),
        ("14 Bridge Street\nSelby\nYO8 1ZZ", "YO81ZZ"),
    ],
)
def test_the_sources_address_never_goes_onward_unseen(address: str, said: str) -> None:
    assert not goes_onward(f"Boxes go to {said} by van.", address=address)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (HAZEL, "Boxes go to Leeds by van, 18 of them."),
        ("18 Tarn Street, Leeds, LS99 1AA", "Boxes go to Leeds by van."),
        ("18 Tarn Street Leeds LS99 1AA", "Boxes go to Leeds by van."),
        ("18 The Green, Bury St Edmunds, West Yorkshire", "Boxes go to Bury St Edmunds in West Yorkshire by van."),
        ("18 Tarn Street, Leeds", "Boxes go to 22 Tarn Street by van."),
        ("18 Tarn Street, Leeds", "Boxes go to 18 Mill Street by van."),
        ("18 Park Road, Leeds", "Boxes go to the park by van at 18 miles an hour."),
        ("18 High Street, Leeds", "A high wall is on the street with 18 boxes."),
    ],
)
def test_towns_other_houses_and_ordinary_words_stay_plain(address: str, text: str) -> None:
    assert goes_onward(text, address=address)


def test_a_street_that_is_a_subjects_too_is_pointed_at_in_a_text() -> None:
    subjects = {"people": [{"name": "Lee Hargreaves", "address": "22 Tarn Street"}]}
    assert not goes_onward("Boxes go to Tarn Street by van.", subjects=subjects, address="18 Tarn Street, Leeds")
    assert goes_onward("Boxes go to 22 Tarn Street by van.", subjects=subjects, address="18 Tarn Street, Leeds")


@pytest.mark.parametrize("said", ["18 Tarn", "eighteen Tarn", "18, the Tarn house", "18a Tarn", "18 Tarn Street"])
def test_the_matcher_points_at_a_number_with_its_street_without_the_leak_check(said: str) -> None:
    submission = a_submission(narrative=f"Boxes go to {said}.", source=WITH_ADDRESS)
    rules = {one.rule for one in sanitise(submission, an_agency()).findings}
    assert any(rule.startswith("source.address.") for rule in rules)


def test_a_submission_without_an_address_has_no_finding_of_one() -> None:

    assert goes_onward("Boxes go to 18 Tarn Street by van.")
