"""The address of the source never goes onward without a person, in any wording on the form and in the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanitiser_service.form.profile import Protected, Token
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.places.address_parts import address_of
from sanitiser_service.matcher.places.addresses import addresses_in
from sanitiser_service.matcher.places.house_numbers import ONES, TENS
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.matcher.text.reading import read
from tests.support.building import a_submission, an_agency, sanitised_content
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


NUMBERS = st.integers(2, 300).map(str)
NAMES = st.sampled_from(
    ["Tarn", "Queen's", "St John's", "Saint Anne's", "Larkspur", "Élan", "Upper Mill", "Kirk", "Wychwood", "Bishop's"]
)
KINDS = st.sampled_from(
    [
        ("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Close", "Cl"), ("Court", "Ct"), ("Square", "Sq"),
        ("Gardens", "Gdns"), ("Terrace", "Terr"), ("Crescent", "Cres"), ("Lane", "Ln"), ("Drive", "Dr"),
        ("Grove", "Gr"), ("Place", "Pl"), ("Mews", "Mews"), ("Way", "Wy"), ("Hill", "Hill"), ("View", "Vw"),
    ]
)  # fmt: skip
FRAMES = st.sampled_from(
    [
        "{n} {s} {k}, Ossett, LS99 1AA",
        "{n} {s} {k} Ossett LS99 1AA",
        "Flat 301, {n} {s} {k}, Ossett",
        "Flat 301 {n} {s} {k}",
        "Flat 301, Hazel Court, {n} {s} {k}, LS99 1AA",
        "{n}/301 {s} {k}",
        "{n}a {s} {k}",
        "No. {n}, {s} {k}, Ossett",
        "{n}-301 {s} {k}",
    ]
)
SAID = st.sampled_from(
    [
        "{n} {s} {k}", "{n}, {s} {k}", "number {n} {s} {k}", "{n} {s}", "{n}a {s} {k}", "{s} {k}", "{s} {k} number {n}",
        "301/{n} {s} {k}", "{n} and 301 {s} {k}", "{w} {s} {k}", "house {n} on {s} {k}",
    ]
)  # fmt: skip
CASES = st.sampled_from([str, str.lower, str.upper])


def without_signs(name: str) -> str:
    return name.replace("'", "").replace("Saint", "St").replace("É", "E")


def in_words(number: int) -> str:
    """Return a number below a thousand in words."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10) if rest >= 20 else (0, rest)
    words = [f"{ONES[hundreds - 1]} hundred"] if hundreds else []
    words += ["and"] if hundreds and rest else []
    words += [TENS[tens - 2]] if tens else []
    return " ".join([*words, *([ONES[ones - 1]] if ones else [])])


@st.composite
def addresses_as_said(draw: st.DrawFn) -> tuple[str, str]:
    """Return an address in a wording of a form, and words of a text that mean it."""
    number, name, kinds = draw(NUMBERS), draw(NAMES), draw(KINDS)
    form, text = draw(st.permutations(kinds))
    said = draw(st.sampled_from([name, without_signs(name)]))
    words = in_words(int(number))
    here = draw(SAID).format(n=number, s=said, k=text, w=words)
    return draw(FRAMES).format(n=number, s=name, k=form), draw(CASES)(here)


@settings(deadline=None, max_examples=200)
@given(case=addresses_as_said())
def test_any_address_in_any_frame_is_seen_in_any_wording(case: tuple[str, str]) -> None:
    address, said = case
    assert not goes_onward(f"Boxes go to {said} by van.", address=address)


@pytest.mark.parametrize("said", ["18 Tarn", "eighteen Tarn", "18, the Tarn house", "18a Tarn", "18 Tarn Street"])
def test_the_matcher_points_at_a_number_with_its_street_without_the_leak_check(said: str) -> None:
    submission = a_submission(narrative=f"Boxes go to {said}.", source=WITH_ADDRESS)
    rules = {one.rule for one in sanitise(submission, an_agency()).findings}
    assert any(rule.startswith("source.address.") for rule in rules)


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


@settings(deadline=None, max_examples=200)
@given(value=st.text(max_size=200))
def test_any_address_is_read(value: str) -> None:
    address = address_of(value)
    assert all(0 <= street.telling < len(street.words) for street in address.streets)


WORDS_OF_PLACES = st.lists(
    st.sampled_from(
        [
            *(
                "1",
                "8",
                "18",
                "18a",
                "1,204",
                "one",
                "twenty",
                "first",
                "hundred",
                "and",
                "double",
                "oh",
                "nb",
                "pitch",
            ),
            *("flat", "Tarn", "Mill", "S.", "W.", "st", "O'Hara's", "'s", "the", "Street", "18tarn", "-", "to", ","),
            *(".", "Hull"),
        ]
    ),
    max_size=14,
).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(address=WORDS_OF_PLACES, text=WORDS_OF_PLACES)
def test_any_address_is_looked_for_in_any_text(address: str, text: str) -> None:
    assert all(0 <= match.start < match.end <= len(text) for match in addresses_in(read(text), address, ""))


def test_a_submission_without_an_address_has_no_finding_of_one() -> None:

    assert goes_onward("Boxes go to 18 Tarn Street by van.")
