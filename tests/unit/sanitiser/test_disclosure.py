"""A text that may say how the information is known, or who told it, is held; a plain description goes onward."""

import json
from pathlib import Path
from typing import Any

import pytest

from sanitiser_service.desk.review import labels
from sanitiser_service.desk.review.domain import propose, unanswered
from sanitiser_service.matcher.disclosure.disclosure import CLASSES, SIGNS, disclosures_in
from sanitiser_service.matcher.reasons import disclosure_sentence_of
from sanitiser_service.matcher.text.reading import read
from sanitiser_service.worker.domain import Clear, Hold, clear_or_hold
from tests.evaluation.onward import goes_onward
from tests.support.building import a_submission, opened
from tests.unit.sanitiser.builders import NEIGHBOUR

SHORT = Path(__file__).parents[2] / "evaluation" / "short.jsonl"
BEFORE = "Lee Hargreaves sells drugs from the flat. "
AIM_HELD, AIM_ONWARD = 0.98, 0.6


def outcome_of(text: str, **changes: Any) -> Clear | Hold:
    return clear_or_hold(opened(a_submission(**{"narrative": text, "source": NEIGHBOUR, "subjects": {}, **changes})))


def documents(*, hold: bool) -> list[dict[str, Any]]:
    lines = SHORT.read_text("utf-8").splitlines()
    return [document for line in lines if (document := json.loads(line))["hold"] is hold]


def test_short_texts_that_tell_are_held_and_most_that_only_describe_go_onward() -> None:
    revealing, plain = documents(hold=True), documents(hold=False)
    assert len(revealing) + len(plain) >= 120
    held = [not goes_onward(document) for document in revealing]
    onward = [goes_onward(document) for document in plain]
    assert sum(held) >= AIM_HELD * len(held)
    assert sum(onward) >= AIM_ONWARD * len(onward)


@pytest.mark.parametrize(
    "text",
    [
        "Told by his wife.",
        "His girlfriend says so.",
        "As his teacher this was noticed.",
        "Information came from his ex partner who left him in May.",
        "Told in confidence on Ward 9 by the patient's girlfriend, who is the only visitor he has.",
        "Only his wife knows where the stash is and she is terrified he will work out it came from her.",
        "The informant is scared of him as she gave evidence against him in 2019.",
        "Reported by the same lady who rang in January about the fire.",
        "The repairs operative saw a set of scales when fixing the boiler.",
        "His wife attended the surgery on Tuesday with a split lip. She is the only other adult in the house.",
        "A lad who sits near him came forward.",
        "The woman in the corner house.",
        "She gave him tea.",
        "Whilst hoovering the landing.",
        "A freind disclossed it.",
        "Mieszka obok niego i widzi wszystko przez okno w kuchni.",
        'He shouted "put the bag under the bed".',
    ],
)
def test_a_text_that_says_in_the_third_person_who_told_is_held(text: str) -> None:
    outcome = outcome_of(BEFORE + text)
    assert isinstance(outcome, Hold)
    assert any(reason.startswith("told:") and reason.endswith(":narrative") for reason in outcome.reasons)


@pytest.mark.parametrize("title", ["Tip from ex girlfriend", "From dinner lady", "Concern from his mum"])
def test_a_title_that_tells_holds_the_submission(title: str) -> None:
    assert isinstance(outcome_of(BEFORE, title=title), Hold)


@pytest.mark.parametrize(
    "text",
    [
        "A grey van brings boxes to the flat at night. Two men carry them in.",
        "Alan Cook and Abdul Said sell cannabis behind the off-licence.",
        "Dean Sykes, known as Titch, has new trainers and a knife. He is never found without it.",
        "Flat 9 has visitors for a minute each. Buyers lean in at the passenger window of a blue Corsa.",
    ],
)
def test_a_text_that_only_describes_subjects_goes_onward(text: str) -> None:
    assert isinstance(outcome_of(text), Clear)


TIMES = [
    "15:23", "15:23:40 sharp", "15:00:07", "23:07", "2026-07-01T15:23:40Z", "2026-07-01T15:23+01:00", "1523hrs",
    "0015 hours", "3.23pm", "3:23 pm", "3.23 p.m.", "323pm", "half past three", "ten past 4",
    "twenty-three minutes past four",
    "quarter to five", "ten minutes to six", "half past midnight", "7h45", "(23:07)",
]  # fmt: skip


@pytest.mark.parametrize("time", TIMES)
def test_a_time_to_the_minute_is_read_by_a_person_first(time: str) -> None:
    held = Hold(("told:clock:narrative",))
    assert outcome_of(f"Two men carry boxes into the flat, {time}, by the side gate.") == held
    assert outcome_of(f"Two men carry boxes into the flat at {time.upper()}") == held


@pytest.mark.parametrize("field", ["note", "place"])
def test_a_time_to_the_minute_beside_the_occurrence_is_read_by_a_person_first(field: str) -> None:
    outcome = outcome_of(BEFORE, occurrence={field: "Side gate, 15:23"})
    assert outcome == Hold((f"told:clock:occurrence.{field}",))


@pytest.mark.parametrize(
    "words",
    [
        "at 3pm", "at 15:00", "1500hrs", "at 3.00pm", "at noon", "£15.23", "odds of 18:3", "version 15.23", "15.23 km",
        "a score of 12-15", "flat 15/23",
        "1523 Garnet Street", "2.50 each", "at 15.50 per box", "10 past orders", "past ten houses", "five to ten men",
        "on 2026-07-01", "a quarter of a mile", "a box of 24",
    ],
)  # fmt: skip
def test_a_number_that_is_no_time_to_the_minute_holds_nothing(words: str) -> None:
    assert isinstance(outcome_of(f"Two men carry boxes, {words}, into the flat."), Clear)


def test_a_subject_whose_surname_is_a_trade_is_no_sign_and_the_trade_is() -> None:
    subjects = {"people": [{"name": "Dean Porter"}]}
    assert isinstance(outcome_of("At noon Porter hid the gun.", subjects=subjects), Clear)
    assert isinstance(outcome_of("At noon the porter hid the gun.", subjects=subjects), Hold)


def test_a_text_that_speaks_of_the_source_is_held_though_the_name_is_sure_to_go() -> None:
    outcome = outcome_of("Lee drove Katherine Wolstenholme to Leeds.")
    assert isinstance(outcome, Hold)
    assert outcome.reasons[0] == "told:named:narrative"


def test_what_is_held_for_a_disclosure_is_released_without_a_decision_on_any_words() -> None:
    proposal = propose(opened(a_submission(narrative=BEFORE + "He leaves at 21:47.", source=NEIGHBOUR, subjects={})))
    assert proposal.findings == unanswered(proposal, {}) == ()


def test_every_class_of_disclosure_is_a_sentence_of_its_own_on_the_page() -> None:
    sentences = {disclosure_sentence_of(kind) for kind in (*CLASSES, *SIGNS)}
    assert len(sentences) == len((*CLASSES, *SIGNS))
    assert not any("it may say who told" in sentence for sentence in sentences)
    shown = labels.explain("told:family:subjects.people.0.description")
    assert shown == "Read the whole text, it speaks of kin: person 1, description"


def test_words_of_disclosure_are_seen_in_any_case_and_through_look_alikes() -> None:
    for text in ("TOLD BY HIS WIFE", "t\u043eld", "tol\u200bd", "Neighbour\u2019s view"):
        assert disclosures_in(read(text)), text
