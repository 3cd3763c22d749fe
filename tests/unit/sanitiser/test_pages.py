"""The text of the source desk's pages: labels, who spoke, and errors by field."""

from uuid import uuid4

import pytest

from pipeline_shared.language.vocabulary import SafetyLevel
from sanitiser_service.desk.review import labels, pages, release_errors, review_form
from sanitiser_service.desk.review.domain import mark_of
from sanitiser_service.desk.review.store import HeldSummary
from sanitiser_service.leak_check import Leak
from tests.support.building import NOW, a_submission, opened


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("narrative", "Narrative"),
        ("subjects.people.0.also_known_as", "Person 1, also known as"),
        ("subjects.vehicles.11.registration", "Vehicle 12, registration"),
        ("occurrence.place", "Occurrence, place"),
    ],
)
def test_a_path_is_told_in_words(path: str, label: str) -> None:
    assert labels.label_of(path) == label


def test_a_reason_says_whose_value_may_be_left_and_where() -> None:
    item = Leak("subjects.people.1.name", "source.name.part", "Entwistle")
    assert labels.explain(item.code) == "The source's name may still be in: person 2, name"
    assert release_errors.leak_error(item).text == "Person 2, name still holds “Entwistle” (the source's name)"


def test_who_spoke_is_shown_as_it_was_written() -> None:
    source = {"kind": "own_observation", "name": "Margaret Entwistle", "email": "m_entwistle@example.org"}
    rows = dict(pages.identity_rows(opened(a_submission(source=source))))
    assert rows["Source, email"] == "m_entwistle@example.org"
    assert rows["Source, kind"] == "Own observation"
    assert rows["Source, wishes anonymity"] == "No"


def test_what_was_typed_is_told_by_its_label_without_what_the_page_had_shown() -> None:
    form = {"narrative": "A van.", "title": "Seen", "reason": "Too few know it", "csrf": "x", "decide.0-1": "accept"}
    form |= {"shown.narrative": mark_of("A white van."), "shown.title": mark_of("Seen")}
    assert review_form.typed_in(form) == [("Narrative", "A van."), ("Reason", "Too few know it")]


@pytest.mark.parametrize("path", ["a.\u00b2", "a.1\u00b2", "a." + "9" * 5_000, "", ".", "a..b"])
def test_a_form_whose_fields_have_odd_names_is_told_all_the_same(path: str) -> None:
    assert len(review_form.typed_in({path: "A van.", f"shown.{path}": ""})) <= 1


def test_a_reason_stands_once_with_all_its_texts_and_a_line_of_the_list_has_few() -> None:
    codes = ["flag:source.name.shared:title", "told:self:narrative", "flag:source.name.shared:narrative", "failed:X"]
    assert labels.explain_all([*codes, codes[0]]) == [
        "The source's name, which somebody else in the text has, too: title; narrative",
        "Read the whole text, it speaks of itself or of whoever reads it: narrative",
        "Sanitising failed, so nothing was proposed",
    ]
    kinds = ("self", "tell", "report", "sense", "knows", "family", "bond")
    held = HeldSummary(uuid4(), tuple(f"told:{kind}:narrative" for kind in kinds), "waiting", SafetyLevel.NOW, NOW)
    assert len(pages.row(held).why) == pages.MOST_REASONS + 1
    assert pages.row(held).why[-1] == "And 2 more"
