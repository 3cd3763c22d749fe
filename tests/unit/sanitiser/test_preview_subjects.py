"""Subjects in a preview: a name or number that says more than itself is masked."""

from typing import Any

import pytest

from pipeline_shared.language.restricted import SafetyHit
from pipeline_shared.language.vocabulary import SafetyReason
from sanitiser_service.preview.domain import preview_of
from sanitiser_service.preview.preview_subjects import MASK
from tests.support.building import opened
from tests.unit.sanitiser.builders import TEXT, with_rows


def preview_with(**rows: Any) -> Any:
    hit = SafetyHit(rule="weapon.blade", reason=SafetyReason.WEAPON, path="narrative", start=0, end=len(TEXT))
    return preview_of(opened(with_rows(**rows)).model_copy(update={"safety": (hit,)}))


@pytest.mark.parametrize(
    "name",
    [
        "Kath's ex Lee Hargreaves",
        "Lee Hargreaves (ex)",
        "the boyfriend of the dinner lady",
        "Katherin Wolstenhome",
        "Kath",
        "Ryan Wolstenholme",
        "lad from the corner house",
        "Lee Hargreaves next to Number Nine",
        "Lee 07700",
    ],
)
def test_the_preview_masks_a_name_that_says_more_than_a_name(name: str) -> None:
    seen = preview_with(people=[{"name": name, "approximate_age": 30, "tags": ["suspect"]}, {"name": "Dean Sykes"}])
    assert [one.name for one in seen.subjects.people] == [MASK, "Dean Sykes"]
    assert seen.subjects.people[0].approximate_age == 30
    assert seen.subjects.people[0].tags == ("suspect",)
    assert seen.withheld == ("subjects",)


@pytest.mark.parametrize(
    "name", ["Lee Hargreaves", "lee hargreaves", "Siobhán O\u2019Brien-Smith", "Ludwig van der Berg"]
)
def test_the_preview_shows_what_is_only_a_name(name: str) -> None:
    seen = preview_with(people=[{"name": name}])
    assert (seen.subjects.people[0].name, seen.withheld) == (name, ())


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ({"phones": [{"number": "+44 7700 900788"}]}, "+44 7700 900788"),
        ({"phones": [{"number": "07700 900123 (my mobile)"}]}, MASK),
        ({"phones": [{"number": "o7700 9oo46l"}]}, MASK),
        ({"phones": [{"number": "07700 900461"}]}, MASK),
        ({"vehicles": [{"registration": "yb10 dpl"}]}, "yb10 dpl"),
        ({"vehicles": [{"registration": "next to mine"}]}, MASK),
    ],
)
def test_the_preview_shows_numbers_and_plates_that_are_nothing_else(rows: dict[str, Any], shown: str) -> None:
    subjects = preview_with(**rows).subjects
    values = [*(phone.number for phone in subjects.phones), *(vehicle.registration for vehicle in subjects.vehicles)]
    assert values == [shown]
