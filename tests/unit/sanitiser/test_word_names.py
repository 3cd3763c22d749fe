"""A part of a name that is also an ordinary word: in small letters it is a word, except in the place of a name."""

import pytest

from sanitiser_service.worker.domain import Hold
from tests.unit.sanitiser.forms import goes_onward, outcome_of

WORDS = [
    ("Will Smith", "The shop will open at nine."),
    ("May Lin", "They may be armed dealers."),
    ("Mark Hill", "Tyre marks lead up the hill."),
    ("Bill Cash", "He pays each bill in cash."),
    ("Grace Quillfeather", "A grace period of ten days ended."),
    ("Green Quillfeather", "A green van stands there."),
    ("Robin Marsh", "A robin sat on a box by the marsh."),
    ("Rose Field", "Prices rose, and boxes lie in the field."),
    ("Jack Street", "A car jack lies in the street."),
    ("Nick Price", "The van is in good nick, its price fell."),
    ("Sandy Wood", "The yard is sandy and full of wood."),
    ("Chase Long", "A car chase ended behind the long wall."),
    ("Drew Stone", "Two stone steps lead to the yard."),
    ("Summer Banks", "Boxes are sold all summer on both banks."),
    ("Rob Wall", "Boxes are stacked by the wall to rob the shop."),
    ("Ray Fisher", "Boxes with a ray or other fish are sold there."),
    ("Faith Lane", "A faith school stands in the lane."),
    ("Dawn Heath", "Boxes are moved across the heath at dawn."),
    ("Sue Miles", "The yard is ten miles away."),
    ("Miles Gold", "A gold van stands there."),
    ("Curt Bush", "A curt note hangs in the bush."),
]


@pytest.mark.parametrize(("name", "text"), WORDS)
def test_an_everyday_word_in_small_letters_passes(name: str, text: str) -> None:
    assert goes_onward(text, name=name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Smith", "A box stands there with will all day."),
        ("May Lin", "They told may of the boxes."),
        ("Mark Hill", "Boxes are sold by mark in the yard."),
        ("Bill Cash", "They met bill in the yard."),
        ("Rose Field", "Boxes are bought from rose there."),
        ("Grace Lamb", "The boxes are grace's own."),
        ("Frank Long", "Boxes lie in the shop of frank all day."),
        ("Sandy Wood", "They phoned sandy about boxes."),
        ("Drew Stone", "Boxes are sold there, says drew's friend."),
        ("Jack Cook", "Boxes lie there, jack said."),
        ("Rob Hall", "They named rob and left."),
        ("Mark Hill", "They asked hill for boxes."),
        ("Mark Hill", "Boxes are of mr hill there."),
    ],
)
def test_such_a_word_where_a_name_would_stand_is_pointed_at(name: str, text: str) -> None:
    assert not goes_onward(text, name=name)


@pytest.mark.parametrize(("name", "word"), [("Will Smith", "will"), ("May Lin", "may"), ("Rose Field", "rose")])
@pytest.mark.parametrize(
    "text", ["boxes go to {} each day.", "boxes lie there. {} has more.", "Boxes lie there. more go to {} each day."]
)
def test_in_a_text_without_care_for_capitals_every_such_word_is_pointed_at(name: str, word: str, text: str) -> None:
    assert not goes_onward(text.format(word), name=name)


def test_a_word_in_small_letters_passes_also_where_a_subject_has_the_name() -> None:
    subjects = {"people": [{"name": "Bill Hargreaves"}]}
    outcome = outcome_of("An unpaid bill lies in the yard.", subjects=subjects, name="Bill Cash")
    assert isinstance(outcome, Hold)
    assert not [reason for reason in outcome.reasons if "name" in reason and reason.endswith("narrative")]


@pytest.mark.parametrize("name", ["Will Smith", "Grace Lamb", "Mark Hill", "Rose Field", "Jack Cook", "Bill Cash"])
def test_the_same_word_with_a_capital_is_never_passed(name: str) -> None:
    given, family = name.split()
    for text in ("Boxes go to {} each day.", "{} boxes lie there.", "{} said so.", "A {} lies there.", "boxes of {}."):
        assert not goes_onward(text.format(given), name=name), text
    assert not goes_onward(f"Boxes go to {family} each day.", name=name)
