"""The leak check knows the address of the source by code of its own, and leaves other houses alone."""

import pytest

from sanitiser_service.form.profile import Protected, Token
from sanitiser_service.leak_check import find_leaks
from tests.support.building import sanitised_content

HAZEL = "Flat 3, Hazel Court, 18 Tarn Street, LS99 1AA"


def leaks(address: str, text: str) -> bool:
    protected = (Protected(address, Token.SOURCE_DETAIL, "source.address"),)
    return bool(find_leaks(sanitised_content(narrative=text), protected))


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (HAZEL, "Boxes go to 18 Tarn by van."),
        (HAZEL, "Boxes go to 18a, the tarn street house."),
        (HAZEL, "Boxes go to Hazel Court."),
        ("18 Queen's Road", "Boxes go to 18 Queens Rd."),
        ("Flat 2 18 Garnet Street", "Boxes go to 18 Garnet."),
        ("22 Third Avenue, Leeds", "Boxes go to 22 3rd Ave."),
        ("22 3rd Ave, Leeds", "Boxes go to 22 Third Avenue."),
        ("18 Saint John's Road", "Boxes go to 18 St Johns Rd."),
        ("Tŷ Gwyn, Heol y Bryn", "Boxes go to Ty Gwyn."),
        ("Eighteen Garnet Street, Wakefield", "Boxes go to 18 Garnet."),
        ("Flat Two, Ninety-nine Garnet Street", "Boxes go to 99 Garnet."),
        ("99 Garnet Street, Wakefield", "Boxes go to ninety-nine Garnet Street."),
        ("7 Queen's Road", "Boxes go to seven Queens Rd."),
        ("33 Thirteenth Street", "Boxes go to 33 13th St."),
        ("33 20th Street", "Boxes go to 33 Twentieth St."),
        ("11 M.L. King Street", "Boxes go to 11 King St."),
        ("5 SS Peter & Paul Road", "Boxes go to 5 Peter and Paul Rd."),
    ],
)
def test_the_leak_check_knows_a_number_with_its_street_and_a_house_by_name(address: str, text: str) -> None:
    assert leaks(address, text)


def test_the_leak_check_leaves_other_houses_alone() -> None:
    assert not leaks(HAZEL, "Boxes go to 22 Tarn Street and to 18 Mill Street.")
    assert not leaks("Flat Two, Ninety-nine Tarn Street", "Boxes go to 9 Tarn Street, flat two.")
