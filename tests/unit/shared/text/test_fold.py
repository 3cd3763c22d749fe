"""Folding: whatever happens to its length, every place in a folded text leads back to one in the original."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake_service.screening.text import fold_character
from pipeline_shared.text.fold import Folded, fold_text
from sanitiser_service.matcher.text.normalising import fold as fold_of_matcher

ODD = ["a", "É", "ﬁ", "ß", "\u0301", "\u200b", " ", "…", "İ"]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(ODD)).map("".join)
Fold = Callable[[str], Folded]
SPELLED = {"ß": "ss", "\u200b": "", "é": "e"}


def spell(character: str) -> str:
    return SPELLED.get(character, character.lower())


def fold_of_screen(text: str) -> Folded:
    return fold_text(text, fold_character)


FOLDS = pytest.mark.parametrize("fold", [fold_of_screen, fold_of_matcher], ids=["screen", "matcher"])


def test_a_text_in_ascii_keeps_every_place() -> None:
    assert fold_text("Stab HIM", spell) == Folded("stab him", None)


def test_characters_that_become_one_each_keep_every_place() -> None:
    assert fold_text("Café B", spell) == Folded("cafe b", None)


def test_places_lead_back_where_characters_become_several_or_none() -> None:
    folded = fold_text("Gro\u200bße X", spell)
    assert folded.text == "grosse x"
    assert folded.original(0, 6) == (0, 6)
    assert folded.starts([0, 7]) == [0, 7]
    assert folded.ends([6, 8]) == [6, 8]


def test_a_place_takes_the_marks_along_that_belong_to_its_last_letter() -> None:
    folded = fold_of_screen("cafe\u0301 x")
    assert folded.original(0, 4) == (0, 5)
    assert folded.ends([4]) == [4]


def test_places_lead_back_through_an_earlier_change_as_well() -> None:
    decoded, way = "gro\u00dfe", [0, 1, 2, 3, 10, 11]  # from "gro&szlig;e"
    folded = fold_text(decoded, spell).after(way)
    assert folded.text == "grosse"
    assert folded.original(3, 5) == (3, 10)
    assert fold_text("gross", spell).after([0, 1, 2, 3, 4, 9]).original(4, 5) == (4, 9)
    assert fold_text("gross", spell).after(None).offsets is None


@FOLDS
@given(text=TEXTS)
def test_offsets_always_lead_back_into_the_original(fold: Fold, text: str) -> None:
    folded = fold(text)
    places = [*range(len(folded.text))]
    starts, ends = folded.starts(places), folded.ends([place + 1 for place in places])
    assert starts == sorted(starts)
    for place, start, end in zip(places, starts, ends, strict=True):
        assert 0 <= start < end <= len(text)
        first, after = folded.original(place, place + 1)
        assert (first, True) == (start, end <= after <= len(text))


@FOLDS
@given(text=st.text(st.characters(categories=["Ll", "Lu", "Nd", "Zs", "Po"]), max_size=40))
def test_a_folded_word_is_that_of_its_place_in_the_original(fold: Fold, text: str) -> None:
    folded = fold(f"{text}stab\u00e9{text}")
    at = folded.text.find("stabe", len(fold(text).text))
    start, end = folded.original(at, at + 5)
    assert unicodedata.normalize("NFC", f"{text}stab\u00e9{text}"[start:end]).startswith("stab\u00e9")


@pytest.mark.parametrize("one", ["a", "\u00e9", "\ufb01", "\ufdfa", "\u0301", "\U0001f52a"])
def test_time_grows_with_the_length_of_a_text(one: str) -> None:
    begin = time.process_time()
    fold_of_screen(one * 100_000)
    fold_of_matcher(one * 100_000)
    assert time.process_time() - begin < 2
