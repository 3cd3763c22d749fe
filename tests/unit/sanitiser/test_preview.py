"""The preview of a HIGH submission contains no free text, and every HIGH submission gets a preview."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_shared.language.restricted import SafetyHit, SealedContent
from pipeline_shared.language.vocabulary import Category, SafetyReason
from sanitiser_service.preview import domain
from sanitiser_service.preview.domain import LONGEST_PHRASE, district_of, masked, preview_of
from sanitiser_service.preview.preview_subjects import MOST_ROWS
from tests.support.building import a_submission, opened

DANGER = "Margaret Entwistle from Brambleford says my brother has a knife and will stab Kim tonight."


def high(**changes: Any) -> SealedContent:
    """Return a submission with a narrative that the screen matched as a whole."""
    submission = a_submission(**{"narrative": DANGER, "category": "weapons", **changes})
    hit = SafetyHit(
        rule="weapon.blade", reason=SafetyReason.WEAPON, path="narrative", start=0, end=len(submission.narrative)
    )
    return opened(submission).model_copy(update={"safety": (hit,)})


def hit_in(path: str, end: int, **changes: Any) -> SealedContent:
    """Return a submission with a hit of the screen in the text at a path."""
    hit = SafetyHit(rule="weapon.blade", reason=SafetyReason.WEAPON, path=path, start=0, end=end)
    submission = a_submission(**{"narrative": "Please see the rows.", "subjects": {}, **changes})
    return opened(submission).model_copy(update={"safety": (hit,)})


def test_every_name_relation_and_free_word_of_a_matched_phrase_is_masked() -> None:
    assert masked(DANGER) == "… from … says … has a knife and will stab … tonight"


def test_a_phrase_without_a_plain_word_is_left_out() -> None:
    assert masked("Margaret Entwistle, Brambleford") == ""


def test_of_a_text_in_another_language_no_word_is_shown_as_a_plain_one() -> None:
    content = high(narrative="Ma sœur a on me dit: he tient la fille at home")
    unread = content.safety[0].model_copy(update={"reason": SafetyReason.OTHER_LANGUAGE})
    assert preview_of(content).phrases
    assert preview_of(content.model_copy(update={"safety": (unread,)})).phrases == ()


def test_the_officer_sees_choices_subjects_district_and_masked_words() -> None:
    places = [{"description": "the red house behind the school", "postcode": "bd7 2lp"}]
    people = [{"name": "Lee Hargreaves", "description": "my neighbour's lad", "address": "31 Garnet Street"}]
    seen = preview_of(high(subjects={"people": people, "places": places}))
    assert seen.category is Category.WEAPONS
    assert seen.district == "BD7"
    assert seen.phrases == ("… from … says … has a knife and will stab … tonight",)
    assert seen.subjects.people[0].name == "Lee Hargreaves"
    assert (seen.subjects.people[0].description, seen.subjects.people[0].address) == ("", "")
    assert seen.subjects.places == ()
    assert seen.withheld == ()


ROW = "Margaret Entwistle says he has a knife under the seat"


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("title", {"title": ROW}),
        ("occurrence.place", {"occurrence": {"place": ROW}}),
        ("occurrence.note", {"occurrence": {"note": ROW}}),
        ("subjects.people.0.description", {"subjects": {"people": [{"name": "Lee Hargreaves", "description": ROW}]}}),
        ("subjects.people.0.address", {"subjects": {"people": [{"name": "Lee Hargreaves", "address": ROW}]}}),
        ("subjects.places.0.description", {"subjects": {"places": [{"description": ROW}]}}),
        ("subjects.vehicles.0.description", {"subjects": {"vehicles": [{"description": ROW}]}}),
        ("subjects.phones.0.note", {"subjects": {"phones": [{"number": "07700 900461", "note": ROW}]}}),
    ],
)
def test_a_phrase_from_a_row_is_shown_with_every_name_masked(path: str, changes: dict[str, Any]) -> None:
    seen = preview_of(hit_in(path, len(ROW), **changes))
    assert seen.phrases == ("… says he has a knife under the …",)
    assert seen.withheld == ()
    assert "Entwistle" not in seen.model_dump_json()


def test_a_phrase_from_a_row_that_the_separate_check_refuses_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "PLAIN_WORDS", domain.PLAIN_WORDS | {"margaret", "entwistle"})
    places = {"places": [{"description": ROW}]}
    assert preview_of(hit_in("subjects.places.0.description", len(ROW), subjects=places)).withheld == ("phrases",)


def test_a_subject_that_has_the_sources_name_is_withheld_and_the_rest_is_seen() -> None:
    seen = preview_of(high(subjects={"people": [{"name": "Ryan Entwistle"}]}))
    assert seen.withheld == ("subjects",)
    assert [person.name for person in seen.subjects.people] == [domain.MASK]
    assert seen.phrases


def test_a_plain_word_that_is_the_sources_name_is_withheld() -> None:
    source = {"kind": "person", "name": "Sharon Knife", "phone": "07700 900118"}
    assert preview_of(high(source=source)).withheld == ("phrases",)


def test_when_anything_fails_the_flag_goes_with_choices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError(DANGER)

    monkeypatch.setattr(domain, "masked_phrases", fail)
    seen = preview_of(high())
    assert seen.withheld == ("phrases", "subjects", "district")
    assert seen.category is Category.WEAPONS
    assert DANGER not in seen.model_dump_json()


def test_a_preview_is_bounded_whatever_was_sent_and_says_what_it_leaves_out() -> None:
    narrative = ("He has a knife and will stab her tonight. " * 500)[:20_000]
    people = [{"name": f"Lee Hargreaves{letter}"} for letter in "abcdefghijklmnopqrstuvwxyz"]
    seen = preview_of(high(narrative=narrative, subjects={"people": people}))
    assert len(seen.subjects.people) == MOST_ROWS
    assert seen.withheld == ("subjects",)
    (phrase,) = seen.phrases
    assert len(phrase) <= LONGEST_PHRASE + 2
    assert phrase.endswith(" …")


def test_districts_are_the_outward_halves_of_postcodes() -> None:
    places = [{"description": "x", "postcode": "LS8 1AB"}, {"description": "y", "postcode": "ls8 4qq"}]
    submission = a_submission(subjects={"places": places}, occurrence={"place": "behind the shop, HX3 5QT"})
    assert district_of(submission) == "LS8, HX3"


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=200))
def test_no_word_outside_the_list_is_ever_seen(text: str) -> None:
    words = {word for phrase in preview_of(high(narrative=f"A {text}")).phrases for word in phrase.split()}
    assert {word.casefold() for word in words} <= domain.PLAIN_WORDS | {domain.MASK}
