"""The simulated people: the data that they read from a page, and the words that they take out of a text."""

import pytest

from pipeline_simulators.browsing import Page
from pipeline_simulators.people import (
    Played,
    _held_submissions,  # pyright: ignore[reportPrivateUsage]
    _names_a_subject,  # pyright: ignore[reportPrivateUsage]
    _without,  # pyright: ignore[reportPrivateUsage]
    _without_left_over,  # pyright: ignore[reportPrivateUsage]
)

PAGE = """
<div data-case="c1" data-recommended="other_route" data-route="mash" data-state="waiting">
<form method="post"><input type="hidden" name="csrf" value="t&amp;1"><input type="hidden" name="version" value="3">
<input type="radio" name="outcome" value="record"><input type="text" name="title" value="A &lt;title&gt;">
<textarea name="narrative" rows="8">
Lee &amp; Kim</textarea></form></div>
"""


def test_a_page_is_read_as_a_browser_reads_it() -> None:
    page = Page.read(PAGE)
    assert page.first("data-recommended")["data-route"] == "mash"
    assert page.fields["csrf"] == "t&1"
    assert page.fields["title"] == "A <title>"
    assert page.fields["narrative"].strip() == "Lee & Kim"
    assert "outcome" not in page.fields


def test_a_mark_that_no_element_has_is_empty() -> None:
    assert Page.read("<p>").first("data-case") == {}


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("signed theEntwistlehousehold.", "Entwistle", "signed [SOURCE]."),
        ("ENT-wistle was there", "Entwistle", "[SOURCE] was there"),
        ("ring 07700 900-118 now", "07700 900118", "ring [SOURCE] now"),
        ("nothing here", "Entwistle", "nothing here"),
    ],
)
def test_what_is_left_is_taken_out_however_it_is_written_together(text: str, value: str, expected: str) -> None:
    assert _without(text, value) == expected


def test_what_names_a_subject_is_never_rewritten() -> None:
    assert _names_a_subject("subjects.people.0.name")
    assert not _names_a_subject("subjects.people.0.description")
    assert not _names_a_subject("narrative")


def test_what_is_kept_held_is_not_opened_again() -> None:
    one, other = "0" * 8 + "-0000-0000-0000-" + "0" * 12, "1" * 8 + "-1111-1111-1111-" + "1" * 12
    listing = f'<tr data-held="{one}"><td>Waiting</td></tr><tr data-held="{other}"><td>Kept held</td></tr>'
    assert _held_submissions(listing) == [one]


def test_every_value_that_the_page_still_reports_is_taken_out_of_its_own_text() -> None:
    page = Page.read(
        '<mark data-left-over="narrative" data-value="Entwistle"></mark>'
        '<mark data-left-over="narrative" data-value="Kit"></mark>'
        '<textarea name="narrative">\nKit Entwistle was there</textarea><input type="text" name="title" value="Kit">'
    )
    assert _without_left_over(page) == {"narrative": "\n[SOURCE] [SOURCE] was there", "title": "Kit"}


def test_the_time_that_people_would_have_needed_has_words_and_questions_in_it() -> None:
    assert Played(words=460, questions=100).reading_seconds == pytest.approx(120 + 163)
