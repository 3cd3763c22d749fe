"""Addresses in many wordings of forms and texts: none goes onward without a person, and few others are held."""

import pytest

from sanitiser_service.matcher.places.house_numbers import numbers_in, said
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.matcher.text.reading import read
from tests.support.building import a_submission, an_agency
from tests.unit.sanitiser.forms import goes_onward, onward_text

NUMBERS_IN_WORDS = [
    ("Eighteen Garnet Street, Wakefield", "18 Garnet Street"), ("Twelve Mill Lane, Ossett", "12 Mill Lane"),
    ("Flat Two, Ninety Mill Lane", "90 Mill Lane"), ("Number Nine, Castle Gate, Newark", "9 Castlegate"),
    ("18 Garnet Street", "one eight Garnet Street"), ("105 Mill Lane", "one oh five Mill Lane"),
    ("118 Tarn Street", "one one eight Tarn Street"), ("Seventeen Alder Road, Hull", "17 Alder Rd"),
    ("Flat Nine, Twenty-two Birk Lane", "22 Birk Lane"), ("One Hundred and Six Mill Lane", "106 Mill Ln"),
    ("Flat B, Forty Six Dock St", "46 Dock Street"), ("Twenty Larkspur Close", "20 Larkspur Cl"),
    ("Unit Four, Ninety-Nine Wharf Road, Hull", "99 Wharf Rd"), ("No. Six, The Crescent, Ossett", "6 the Crescent"),
    ("247 Birk Lane", "two four seven Birk Lane"), ("247 Birk Lane", "two forty seven Birk Lane"),
    ("207 Birk Lane", "two oh seven Birk Lane"), ("207 Birk Lane", "two-o-seven birk lane"),
    ("22 Birk Lane", "double two Birk Lane"), ("144 Birk Lane", "one double four Birk Ln"),
    ("60 Birk Lane", "six zero Birk Lane"), ("1310 Birk Lane", "thirteen ten Birk Lane"),
    ("1310 Birk Lane", "one thousand three hundred and ten Birk Lane"), ("1,310 Birk Lane", "1310 Birk Ln"),
    ("2,045 Leeds Road", "2045 Leeds Road"), ("18 Birk Lane", "eighteen, Birk Lane"),
    ("A Hundred and Two Mill Lane", "102 Mill Lane"), ("House Six, Elm Row", "6 Elm Row"),
    ("No Eleven Kiln Lane", "11 Kiln Ln"), ("Flat Three, Fifty-One Harbour Road", "51 Harbour Rd"),
    ("Nineteen-A Mill Lane", "19A Mill Lane"), ("Eighteen to Twenty Mill Lane", "20 Mill Lane"),
    ("205 Mill Lane", "two nought five Mill Lane"), ("Flat 2, Eighteen Garnet Street", "18 Garnet"),
    ("Eighteen, Garnet Street", "18 Garnet St"), ("Number Eighteen Garnet Street", "18 Garnet St"),
]  # fmt: skip
ORDINALS = [
    ("33 Thirteenth Street", "33 13th Street"), ("13 20th Street", "13 Twentieth Street"),
    ("2 21st Street", "2 Twenty-first Street"), ("5 Fourteenth Avenue", "5 14th Ave"),
    ("5 14th Avenue", "5 Fourteenth Av"), ("16 Thirty-third Street", "16 33rd St"),
    ("16 33rd Street", "16 Thirty Third Street"), ("8 Fortieth Row", "8 40th Row"),
    ("8 19th Row", "8 Nineteenth Row"), ("41 42nd Street", "41 forty-second street"),
    ("3 Ninetieth Road", "3 90th Rd"),
]  # fmt: skip
RUN_TOGETHER_OR_APART = [
    ("9 Thornhill Rd", "9 Thorn Hill Road"), ("9 Thorn Hill Road", "9 Thornhill Rd"),
    ("12 Christchurch Road", "12 Christ Church Rd"), ("12 Newmarket Street", "12 New Market St"),
    ("31 Bluebell Way", "31 Blue Bell Wy"), ("6 Stonegate Ct", "6 Stone Gate Court"),
    ("4 Beechwood Close", "4 Beech-wood Cl"), ("14-16 Mill Hill Rd, Pontefract, WF8 4XX", "14 Millhill Road"),
    ("7 Sandhurst Rd", "7 Sand Hurst Road"), ("7 Foxglove Ave", "7 Fox Glove Avenue"),
    ("7 Fox Glove Avenue", "7 Foxglove Ave"), ("15 Moorside Gdns", "15 Moor Side Gardens"),
    ("15 Moor-Side Gardens", "15 Moorside Gdns"), ("9 Kingsway", "9 Kings Way"), ("9 King's Way", "9 Kingsway"),
    ("3 Waterloo Bridge Rd", "3 Waterloobridge Road"), ("3 Castlegate", "3 Castle Gate"),
    ("22 Whitecross St", "22 White Cross Street"), ("22 White Cross St", "22 Whitecross Street"),
    ("8 Ashtree Cl", "8 Ash Tree Close"), ("8 Ash Tree Cl", "8 Ashtree Close"), ("8 Hawthorn Dr", "8 Haw Thorn Drive"),
    ("2 Redhill Ct", "2 Red-hill Court"), ("6 Riverbank Ter", "6 River Bank Terrace"), ("9 Northgate", "9 North Gate"),
    ("9 North Gate", "9 Northgate"), ("12 Westfield Rd", "12 West Field Road"),
    ("12 West Field Rd", "12 Westfield Road"), ("4 Parkside", "4 Park Side"), ("4 Park Side", "4 Parkside"),
    ("5 Hillcrest Ave", "5 Hill Crest Avenue"), ("3 Churchfields", "3 Church Fields"),
    ("8 Newlands Rd", "8 New Lands Road"), ("10 Oldfield Lane", "10 Old Field Ln"), ("6 Long Meadow", "6 Longmeadow"),
    ("6 St Johns Wood Rd", "6 St Johnswood Road"), ("7 Greenacres Drive", "7 Green Acres Dr"),
    ("11 Bishopsgate St", "11 Bishop's Gate Street"), ("2 Uppergate St", "2 Upper Gate Street"),
    ("Greenacres, Mill Lane", "Green Acres"), ("Rosebank Cottage, Mill Lane", "Rose Bank Cottage"),
    ("9 Thornhill Rd", "nine Thorn Hill Rd"), ("9 Thornhill Rd", "Thorn Hill Road, number 9"),
    ("9 Thornhill Rd", "9a Thorn Hill Road"), ("4 Beechwood Close", "4 Beach Wood Close"),
    ("31 Bluebell Way", "31 Blubell Way"), ("31 Bluebell Way", "31 Blue Bel Way"),
    ("12 Newmarket St", "12 New Markt Street"),
]  # fmt: skip
MISSPELT = [
    ("18a Garnet Street", "18 Garnett Street"), ("44b Cromwell Rd", "44 Cromwel Road"),
    ("88 Upper Accommodation Road, Leeds", "88 Upper Accomodation Road"), ("27 Station Rd", "27 Staton Road"),
    ("27 Oak Rd", "27 Oake Road"), ("100 First Ave", "100 Frist Avenue"), ("19b Larkspur Close", "19 Larkspurr Close"),
    ("19 Larkspur Close", "19c Larkspr Cl"), ("8 Lower Addingham Road", "8 Lower Adingham Road"),
    ("8 Little Haverstock Hill", "8 Little Haverstok Hill"), ("31 Beck Rd", "31 Bekc Road"),
    ("31 Elm Rd", "31 Ellm Road"), ("45 Market St", "45 Maket Street"), ("45 Church St", "45 Chirch St"),
    ("12 Second Ave", "12 Secnd Avenue"), ("12 Bridge Road", "12 Brigde Road"), ("12 Victoria Road", "12 Victora Rd"),
    ("12 Dock St", "12 Dokc Street"), ("10 High Street", "10 Hihg Street"), ("18a Garnet Street", "18a Garnett St"),
    ("18a Garnet Street", "18b Garnit St"), ("7 Old Chapel Road", "7 Old Chappel Road"),
    ("7 Great Western Road", "7 Gt Westen Road"), ("7 Great Western Road", "7 Great Westurn Rd"),
    ("5 North Harcourt Terrace", "5 North Harcort Terr"), ("22 Park Lane", "22 Parc Lane"),
    ("22 Mill Road", "22 Mil Road"), ("22 Ivy Road", "22 Ivey Road"), ("22 Bay Road", "22 Baye Road"),
    ("22 Ash Close", "22 Asch Close"), ("22 Third Ave", "22 Thrid Avenue"), ("22 School Lane", "22 Scool Lane"),
    ("22 Manor Drive", "22 Maner Drive"), ("22 King Street", "22 Kng Street"), ("22 Wellington Road", "22 Welington"),
    ("22 Wellington Road", "22 Welllington Rd"), ("22 Wellington Road", "22 Wellignton Rd"),
    ("22 Mill Road", "Mil Road 22"), ("22 Wellington Road", "Welington Road 22"),
    ("22 Wellington Road", "Welington Rd, number 22"),
]  # fmt: skip
CUT_OR_IN_INITIALS = [
    ("57 Martin Luther King Way", "57 Luther King Way"), ("12 Silver Birch Close", "12 Birch Close"),
    ("12 John F Kennedy Walk", "12 Kennedy Walk"), ("8 Sgt. Pepper Close", "8 Sergeant Pepper Close"),
    ("5 SS Peter & Paul Road", "5 Peter and Paul Road"), ("11 M.L. King Street", "11 King Street"),
    ("18 Tarn Street", "18 T. Street"), ("44 Queen Anne Street", "44 Q. Anne Street"),
    ("18 Garnet Street", "18 G. Street"), ("14 Henry Cavendish Road", "14 Cavendish Road"),
    ("14 Golden Elm Court", "14 Elm Court"), ("14 William Wilberforce Way", "14 Wilberforce Way"),
    ("14 George V Drive", "14 G V Drive"), ("9 J.B. Priestley Road", "9 Priestley Road"),
    ("9 St Peter & St Luke Close", "9 Luke Close"), ("60 Sir Titus Salt Row", "60 Salt Row"),
    ("60 Sir Titus Salt Row", "60 Titus Salt"), ("21 Capt. Cook Close", "21 Captain Cook Close"),
    ("21 Captain Cook Close", "21 Cook Close"), ("18 Larch Street", "18 L. St"),
    ("44 Duke William Road", "44 D. William Road"), ("44 Duke William Road", "44 Duke W. Road"),
    ("31 Emmeline Pankhurst Way", "31 Pankhurst Way"), ("31 Emmeline Pankhurst Way", "31 E Pankhurst Way"),
    ("31 Emmeline Pankhurst Way", "31 E. Pankhurst Way"), ("31 Emmeline Pankhurst Way", "31 E.P. Way"),
    ("31 Emmeline Pankhurst Way", "31 Emmeline P Way"), ("31 Emmeline Pankhurst Way", "31 Pankhurst"),
    ("31 Emmeline Pankhurst Way", "Pankhurst Way 31"), ("6 Lt. Col. Hart Road", "6 Hart Road"),
    ("6 Dr Martin Close", "6 Martin Close"), ("6 W.H. Auden Close", "6 Auden Cl"),
    ("6 Saints Cosmas & Damian Rd", "6 Cosmas and Damian Road"), ("16 Red Kite Rise", "16 Kite Rise"),
    ("6 Our Lady of Lourdes Road", "6 Lourdes Road"),
]  # fmt: skip
ABBREVIATED = [
    ("9 Lt Garnet Street", "9 Little Garnet Street"), ("9 Little Garnet Street", "9 Lt Garnet St"),
    ("9 Ste Anne Road", "9 Saint Anne Rd"), ("9 Sainte Anne Road", "9 St Anne Rd"),
    ("9 Gt Larch St", "9 Great Larch Street"), ("9 Great North Rd", "9 Gt Nth Road"),
    ("9 Nth Parade", "9 North Parade"), ("9 Sth Parade", "9 South Pde"), ("9 Lwr Mill Pk", "9 Lower Mill Park"),
    ("9 Little Lane", "9 Lt Lane"), ("9 Mdl Lane", "9 Middle Lane"), ("9 Upr Lane", "9 Up Lane"),
    ("9 Mount Rd", "9 Mt Road"), ("9 Castle Bk", "9 Castle Bank"), ("7 Bridge St", "7 Br Street"),
    ("7 School Lane", "7 Sch Lane"), ("7 Market Pl", "7 Mkt Place"), ("7 Cross St", "7 X Street"),
    ("7 Jubilee Blvd", "7 Jubilee Boulevard"), ("9 Lwr. Green Ln", "9 Lower Green Lane"),
    ("9 E. Parade", "9 East Parade"), ("9 Gte House Rd", "9 Gate House Road"), ("9 Mnt Pleasant", "9 Mount Pleasant"),
    ("9 Ste. Agnes Walk", "9 Saint Agnes Wk"), ("9 S.W. Road", "9 South West Road"),
    ("9 Hyde Pk Rd", "9 Hyde Park Road"), ("9 Hyde Park Road", "9 Hyde Pk Rd"), ("9 Ltl Moor", "9 Little Moor"),
]  # fmt: skip
WITHOUT_A_STREET = [
    ("Nb Kingfisher, Apperley Bridge Marina, BD10 0UR", "Apperley Bridge Marina"),
    ("Nb Kingfisher, Apperley Bridge Marina, BD10 0UR", "narrowboat Kingfisher"),
    ("Narrowboat Curlew, Skipton Basin", "Curlew"),
    ("Pitch 12, Travellers' Site, Cottingley Springs, LS27 1AA", "12 Cottingley Springs"),
    ("Pitch 12, Travellers' Site, Cottingley Springs, LS27 1AA", "Cottingley Springs"),
    ("Mooring 4, Rodley Wharf, LS13 1HG", "4 Rodley Wharf"), ("Mooring 4, Rodley Wharf, LS13 1HG", "Rodley Wharf"),
    ("Houseboat Moonraker, Shipley Wharf, BD17 7AA", "Moonraker"),
    ("Narrow boat Moonraker, Shipley Wharf, BD17 7AA", "Moonraker"),
    ("Houseboat Moonraker, Shipley Wharf, BD17 7AA", "Shipley Wharf"),
    ("Berth 9, Hull Marina, HU1 2DQ", "Hull Marina"), ("Berth 9, Hull Marina, HU1 2DQ", "9 Hull Marina"),
    ("Caravan 3, Holme Field, YO8", "3 Holme Field"), ("Plot 7, Traveller Site, Thorpe Edge", "7 Thorpe Edge"),
    ("Plot 7, Gypsy Site, Thorpe Edge", "Thorpe Edge"), ("Unit 5, Larch Industrial Estate, Hull", "Larch Ind Est"),
    ("Room 9, Larkspur Hostel, Hull", "Larkspur Hostel"), ("The barge Moonraker, Thorne Basin", "Moonraker"),
    ("mv Osprey, Goole Docks", "Osprey"), ("Nb Swallow, Skipton Basin, BD23", "Skipton Basin"),
    ("The Boat Teal, Bingley Five Rise Locks", "Teal"), ("Plot 3, Hollow Lane Site, Ossett", "3 Hollow Lane"),
    ("Caravan 14, Sandy Bay Holiday Park, Filey", "14 Sandy Bay"),
    ("Caravan 14, Sandy Bay Holiday Park, Filey", "Sandy Bay"), ("Berth 12, Granary Wharf, Leeds", "12 Granary Wharf"),
    ("Mooring 6, Canal Side, Rodley", "6 Canalside"),
    ("Unit 12, Traveller Site, Dewsbury Springs", "12 Dewsbury Springs"),
    ("Room 8, The Larches, Ossett", "the Larches"), ("Pitch 9, Bramble Farm, YO1 1AA", "Bramble Farm"),
    ("Static 9, Bramble Sands, YO1 1AA", "Bramble Sands"),
]  # fmt: skip
NUMBERS_IN_FIGURES = [
    ("1,204 London Road", "1204 London Rd"), ("1204 London Road", "1,204 London Rd"),
    ("1204 London Road, Sheffield", "twelve hundred and four London Road"), ("25 Mill Lane", "24-26 Mill Lane"),
    ("25 Mill Lane", "24 to 26 Mill Lane"), ("25 Mill Lane", "24\u201326 Mill Lane"),
    ("18 Garnet Street", "18garnet street"), ("18 Garnet Street", "18garnetst"), ("7 Church Lane", "7 Ch Lane"),
    ("35 Larch Street", "33-37 Larch Street"), ("35 Larch Street", "33 - 37 Larch St"),
    ("35 Larch Street", "34 to 36 larch street"), ("35 Larch Street", "35larch st"),
    ("35 Larch Street", "35LARCH STREET"), ("12,045 Long Road", "12045 Long Rd"),
    ("1204 London Road", "twelve hundred & four London Road"), ("1204 London Road", "one two oh four London Road"),
    ("2500 Leeds Road", "twenty-five hundred Leeds Road"), ("2500 Leeds Road", "two thousand five hundred Leeds Rd"),
    ("25 Mill Lane", "houses 23 to 27 Mill Lane"), ("25 Mill Lane", "23-27 mill lane"),
    ("18 Garnet Street", "18Garnet"), ("18 Garnet Street", "18Garnet St."), ("18a Garnet Street", "18aGarnet Street"),
    ("7 Church Lane", "7 Chr Lane"), ("7 Church Lane", "7 Church Ln"),
    ("25 Mill Lane", "odd numbers 21-29 of Mill Lane"), ("120 Long Acre", "six score Long Acre"),
]  # fmt: skip
OTHERS = [
    ("18 Tarn Street, Leeds", "He had 18 boxes on the street by the van."),
    ("9 Mill Close, Leeds", "Saw 9 people in the close."), ("18 Tarn Street", "Boxes go to 18 Mill Street."),
    ("18 Mill Street", "Boxes go to 18 Hill Street."), ("18 Tarn Street", "Boxes go to 18 Thorn Street."),
    ("2 Twenty-first Street", "Boxes go to 2 Twenty-second Street."), ("5 13th Street", "Boxes go to 5 14th Street."),
    ("12 Silver Birch Close", "He had 12 birch logs in the van."),
    ("12 Silver Birch Close", "Boxes go to 12 Oak Close."),
    ("12 Newmarket Street", "There are 12 stalls at the new market."),
    ("12 Newmarket Street", "A new market opens on the street."), ("25 Mill Lane", "Boxes go to 27-29 Mill Lane."),
    ("25 Mill Lane", "Boxes go to 2-4 Mill Lane."), ("9 Thornhill Rd", "A thorn on the hill cut him."),
    ("27 Oak Rd", "He had 27 wraps on the road."), ("4 Church Lane", "He had 4 cars in the lane near church."),
    ("1 High Street", "One of the lads was high on the street."), ("2 Queen's Street", "Two lads were there."),
    ("10 Park Road", "Ten cars are in the park by the road."),
    ("Plot 6, Willow Park, Selby", "He drove to Selby by van."),
    ("Nb Kingfisher, Mill Marina, Leeds", "He drove to Leeds by boat."),
    ("7 Great Larch Street", "A great many boxes."), ("57 Martin Luther King Way", "Boxes go to 57 Luther Road."),
    ("18 Tarn Street", "Between 16 and 20 lads stood on the road."),
    ("30 West Street", "Around 30 left the west end in the street."),
    ("3 Bridge Street", "3 lads at the bridge in the street."),
    ("18 Tarn Street", "He paid 1,218 pounds on the street."),
    ("12 Ash Road", "He smoked 12 fags and left ash on the road."),
    ("29 Tarn Street, Leeds", "Number nine in that street is empty."), ("2 21st Street", "Boxes go to 2 22nd Street."),
    ("118 Tarn Street", "Boxes go to one one nine Tarn Street."),
    ("1204 London Road", "Boxes go to 3,204 London Road."), ("18 Garnet Street", "Boxes go to 18 Granite Street."),
    ("Pitch 12, Larch Site, Hull", "Twelve boxes came from Hull."),
    ("9 Thornhill Rd", "Boxes go to 11 Thorn Hill Road."), ("19 St Peter & St Luke Close", "Peter has 19 boxes."),
    ("35 Larch Street", "33 to 37 boxes a day."), ("14 Golden Elm Court", "14 lads were at court."),
]  # fmt: skip
EVERY_KIND = [
    *NUMBERS_IN_WORDS,
    *ORDINALS,
    *RUN_TOGETHER_OR_APART,
    *MISSPELT,
    *CUT_OR_IN_INITIALS,
    *ABBREVIATED,
    *WITHOUT_A_STREET,
    *NUMBERS_IN_FIGURES,
]


@pytest.mark.parametrize(("address", "said_so"), EVERY_KIND)
def test_an_address_in_another_wording_does_not_go_onward_unseen(address: str, said_so: str) -> None:
    assert said_so not in onward_text(f"Boxes go to {said_so} by van.", address=address)


@pytest.mark.parametrize(("address", "said_so"), EVERY_KIND)
def test_the_matcher_points_at_it_without_the_leak_check(address: str, said_so: str) -> None:
    assert found(address, f"Boxes go to {said_so} by van.")


def found(address: str, text: str) -> list[str]:
    """Return the rules by which the matcher finds an address in a text."""
    source = {"kind": "person", "name": "Zenobia Quillfeather", "address": address}
    findings = sanitise(a_submission(narrative=text, source=source), an_agency()).findings
    return [one.rule for one in findings if one.rule.startswith("source.address")]


@pytest.mark.parametrize(("address", "text"), OTHERS)
def test_other_houses_and_everyday_words_are_let_be(address: str, text: str) -> None:
    assert not found(address, text)


@pytest.mark.parametrize(
    "said_so", ["22 Garnet Street", "twenty-two Garnet St", "two two Garnet Street", "22garnet st"]
)
def test_a_subjects_own_address_in_the_same_street_stays(said_so: str) -> None:
    subjects = {"people": [{"name": "Lee Hargreaves", "address": "22 Garnet Street"}]}
    assert goes_onward(f"Boxes go to {said_so} by van.", subjects=subjects, address="18 Garnet Street, Wakefield")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("eighteen", {"18"}),
        ("one eighteen", {"118", "18", "1"}),
        ("one hundred and eighteen", {"118"}),
        ("a", set()),
        ("hundred and two", {"102"}),
        ("twelve hundred and four", {"1204"}),
        ("two thousand one hundred and six", {"2106"}),
        ("double four", {"44", "4"}),
        ("ninetynine", {"99"}),
        ("twenty first", set()),
        ("oh", set()),
        ("eighteen and twenty", {"18"}),
    ],
)
def test_a_number_in_words_is_read_as_far_as_it_goes(words: str, numbers: set[str]) -> None:
    assert set(said(words.split())[1]) == numbers


def test_numbers_do_not_run_on_over_a_comma_and_are_found_however_long_the_text() -> None:
    assert [one.numbers for one in numbers_in(read("Numbers one, two and 1,204"))] == [("1",), ("2",), ("1204", "204")]
    assert len(numbers_in(read("eighteen " * 100))) > 1
