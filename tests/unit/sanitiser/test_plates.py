"""Registrations that no subject row explains are places to ask about; those of subjects stay."""

import pytest

from sanitiser_service.matcher.contacts.vehicles import other_plates_in
from sanitiser_service.matcher.protection import protection_of
from sanitiser_service.matcher.text.reading import read
from tests.support.building import an_agency
from tests.unit.sanitiser.matched import submitted


def plates_in(text: str, *rows: str) -> list[str]:
    subjects = {"vehicles": [{"registration": row} for row in rows]}
    protection = protection_of(submitted(text, subjects=subjects), an_agency())
    reading = read(text)
    return [reading.text[match.start : match.end] for match in other_plates_in(reading, protection)]


@pytest.mark.parametrize("plate", ["YB10 DPL", "yb10dpl", "YB10DPL", "P612 HBK", "ABC 123D", "M118ELT"])
def test_a_plate_that_no_row_has_is_a_place(plate: str) -> None:
    assert plates_in(f"The scooter {plate} stood there, he will remember it.") == [plate]


@pytest.mark.parametrize("row", ["YB10 DPL", "yb10dpl", "YB10-DPL"])
def test_a_plate_of_a_subject_row_is_none_however_it_is_spaced(row: str) -> None:
    assert plates_in("The van yb10 dpl and again YB10DPL at the gate.", row) == []


@pytest.mark.parametrize(
    "words", ["aged 14", "the 12 boys", "May 12", "row 3a", "m25 jam", "no 14 is let", "B12 jab", "BMW 1", "BMW 320"]
)
def test_what_only_looks_like_a_plate_is_none(words: str) -> None:
    assert plates_in(f"He stood there, {words}, and then he left.") == []
