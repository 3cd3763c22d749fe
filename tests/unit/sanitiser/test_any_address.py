"""Addresses put together at random, on the form and in the text: each is read, and the source's never goes onward."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sanitiser_service.matcher.places.address_parts import address_of
from sanitiser_service.matcher.places.addresses import addresses_in
from sanitiser_service.matcher.places.house_numbers import ONES, TENS
from sanitiser_service.matcher.text.reading import read
from tests.unit.sanitiser.forms import goes_onward

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


@settings(deadline=None, max_examples=200)
@given(value=st.text(max_size=200))
def test_any_address_is_read(value: str) -> None:
    address = address_of(value)
    assert all(0 <= street.distinctive_at < len(street.words) for street in address.streets)


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
