"""A review as one job: for every text its page is limited in size and can be decided."""

import pickle
from typing import Any
from urllib.parse import urlencode

import pytest

from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.web.forms import MAX_BYTES, MAX_FIELDS
from sanitiser_service.desk.review import review_job
from sanitiser_service.desk.review.domain import MOST_IN_A_TEXT, MOST_ON_A_PAGE, MOST_PLACES, UNREAD
from sanitiser_service.desk.review.release_errors import MOST_ERRORS, UNCHECKED_TEXT
from sanitiser_service.desk.review.review_form import ReviewForm
from sanitiser_service.desk.review.review_job import MOST_REMAINING, Examined, examine, unexamined
from tests.support.building import a_submission, opened

SOURCE = {"kind": "person", "name": "Margaret Entwistle", "phone": "07700 900118", "role": "housing officer"}
PARTS = [f"Zorv{letter}lexin" for letter in "abcdefghijklmn"]
NOTHING = ReviewForm.read({})


def filled(piece: str, length: int = 20_000) -> str:
    """Return a text of a given length that repeats one thing."""
    return (piece * (length // len(piece) + 1))[:length]


def held(**changes: Any) -> SealedContent:
    return opened(a_submission(**{"source": SOURCE, **changes}))


def a_person(n: int) -> dict[str, str]:
    texts = {name: filled("Mags told ", 60).strip() for name in ("also_known_as", "address", "description")}
    return {"name": f"Mags {n} Entwistle", **texts}


MANY = {
    "one trigger after the other": {"narrative": filled("Mags ")},
    "triggers of several kinds in turn": {"narrative": filled("Mags told me, M.E. 900118 officer ")},
    "thousands of values that are left": {
        "source": {**SOURCE, "name": " ".join(PARTS)},
        "subjects": {"places": [{"description": f"x{'x'.join(PARTS)}x"[:200]} for _ in range(50)]},
    },
    "a question in each of very many sentences": {"narrative": filled("Mags told me alone. She saw my key. ")},
}
# Very many places, and few questions.
REPEATED = {
    "what is replaced at once": {"narrative": filled("Margaret Entwistle, ", 10_000)},
    "few in each of very many texts": {"subjects": {"people": [a_person(n) for n in range(50)]}},
    "a title full of them, too": {"title": filled("Mags ", 200), "narrative": filled("Mags. ", 5_000)},
}


TOO_LONG = {"few in each of very many texts"}  # for the encoder


def form_of(examined: Examined, **changes: str) -> dict[str, str]:
    """Return the fields of a page's form as a browser sends them."""
    texts = {field.path: field.proposal for field in examined.fields}
    shown = {f"shown.{field.path}": field.shown for field in examined.fields}
    return {**texts, **shown, **changes}


def taken_out(examined: Examined) -> dict[str, str]:
    asked = [one for field in examined.fields for one in field.questions]
    return {f"decide.{one.key}": "take_out" if one.sentence else "source_side" for one in asked}


@pytest.mark.parametrize("kind", MANY | REPEATED)
def test_a_text_with_more_questions_than_a_person_can_answer_is_bounded_and_can_be_released(kind: str) -> None:
    submitted = held(**(MANY | REPEATED)[kind])
    page = examine(submitted, NOTHING)
    assert sum(len(field.questions) for field in page.fields) <= MOST_ON_A_PAGE
    assert max(len(field.questions) for field in page.fields) <= MOST_IN_A_TEXT
    assert sum(bool(part.band) for field in page.fields for part in field.original) <= MOST_PLACES
    assert len(page.remaining) <= MOST_REMAINING
    assert any(field.is_closed for field in page.fields) == (kind in MANY or kind in TOO_LONG)
    assert all(field.proposal == UNREAD for field in page.fields if field.is_closed)
    assert all(field.original for field in page.fields)
    answered = examine(submitted, ReviewForm.read(form_of(page) | taken_out(page)))
    rewritten = {one.item.path: "Somebody" for one in answered.remaining}
    released = examine(submitted, ReviewForm.read(form_of(page, **rewritten) | taken_out(page)))
    assert released.errors == ()
    assert "Mags" not in released.content.model_dump_json()


def test_the_largest_form_is_one_that_the_server_takes() -> None:
    row = filled("\u201cMags\u201d & ", 200)
    people = [{"name": row, "also_known_as": row, "address": row, "description": row} for _ in range(40)]
    others = [{"description": row} for _ in range(40)]
    subjects = {"people": people, "places": others, "vehicles": others, "phones": [{"number": "07700 900461"}] * 50}
    submitted = held(narrative=filled("Mags told me. Entwistle's "), subjects=subjects)
    page = examine(submitted, NOTHING)
    fields = form_of(page) | taken_out(page) | {f"stay.{one.item.code}": "yes" for one in page.remaining}
    assert len(fields) < MAX_FIELDS / 2
    assert len(urlencode(fields)) < MAX_BYTES


def test_what_is_written_anew_in_a_closed_text_is_matched_and_checked_again() -> None:
    submitted = held(narrative=filled("Mags "))
    page = examine(submitted, NOTHING)
    for typed, problem in (("Maggie has a van.", "Maggie"), ("A van of theEntwistlehousehold.", "Entwistle")):
        again = examine(submitted, ReviewForm.read(form_of(page, narrative=typed)))
        assert any(problem in error.text for error in again.errors)
    fine = examine(submitted, ReviewForm.read(form_of(page, narrative="A white van stands there.")))
    assert (fine.errors, fine.content.narrative) == ((), "A white van stands there.")


def test_what_is_wrong_in_a_text_written_anew_is_told_within_bounds() -> None:
    submitted = held(narrative="Mags has seen it.")
    page = examine(submitted, NOTHING)
    typed = form_of(page, narrative=filled("Mags and Maggie, ")) | taken_out(page)
    errors = examine(submitted, ReviewForm.read(typed)).errors
    assert len(errors) <= MOST_ERRORS + 10
    assert any("more such places" in error.text for error in errors)


def test_nothing_is_removed_that_the_forms_page_had_not_shown_as_removed() -> None:
    submitted = held()
    form = ReviewForm.read(form_of(examine(submitted, NOTHING)))
    unread = examine(submitted, form, read=False)
    assert unread.content.narrative == UNREAD
    assert any("removed now unless you write it anew" in error.text for error in unread.errors)
    assert examine(submitted, ReviewForm.read(form_of(unread)), read=False).errors == ()


def test_what_was_shown_as_removed_stays_so_also_when_the_text_is_read_at_last() -> None:
    submitted = held()
    unread = examine(submitted, NOTHING, read=False)
    assert examine(submitted, ReviewForm.read(form_of(unread))).content.narrative == UNREAD


def test_without_any_answer_what_was_typed_is_kept_and_nothing_can_be_released(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError

    for name in ("find_leaks", "propose", "check_again", "contradicting"):
        monkeypatch.setattr(review_job, name, fail)
    page = unexamined(held(), ReviewForm.read({"narrative": "A van.", "shown.narrative": ""}))
    assert page.errors == (UNCHECKED_TEXT,)
    assert {field.path: field.proposal for field in page.fields}["narrative"] == "A van."
    assert all(field.is_closed for field in page.fields)


def test_a_job_and_its_answer_pass_through_a_pipe() -> None:
    page = examine(held(), NOTHING)
    assert pickle.loads(pickle.dumps(page)) == page  # noqa: S301
    assert pickle.loads(pickle.dumps(NOTHING)) == NOTHING  # noqa: S301
