"""The safety screen explains its hits, never raises an error, and ignores words that only sound alarming."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.screening.advice import AdviceCode, advise
from intake_service.screening.lexicon import build_lexicon, load_lexicon
from intake_service.screening.screen import ANSWERED, Level, Screening, is_high, screen
from intake_service.submissions.usecases import screen_submission
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.vocabulary import Answer, SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from tests.support.building import a_submission
from tests.unit.intake.builders import HEAD, NOTHING_ANSWERED, screened

DANGER = "Has a machete under the seat and says he will kill her tonight"
ROWS = [
    "the red house behind the school",
    "Church Street bridge, by the river",
    "car park of the Kings Head",
    "white Transit with a ladder on the roof",
    "black BMW, dent in the door",
    "about forty, ginger beard, scar on his cheek",
    "tall, slim, always in a grey hoodie",
    "pay as you go, used for orders",
    "rear garden of number 8",
    "railway station, platform 2",
]
SECONDS_FOR_100_KB = 5  # well under a second on a quiet machine


def rules(narrative: str) -> set[str]:
    return {hit.rule for hit in screened(narrative).hits}


def test_an_empty_text_and_unanswered_questions_are_ordinary() -> None:
    assert screened("") == Screening(())
    assert screen({}, NOTHING_ANSWERED).level is Level.ORDINARY


@pytest.mark.parametrize("question", sorted(ANSWERED))
def test_a_risk_answered_yes_is_high_whatever_the_text_says(question: str) -> None:
    screening = screen({"narrative": "Litter."}, RiskAnswers.model_validate({question: Answer.YES}))
    assert screening.level is Level.HIGH
    assert [(hit.rule, hit.path) for hit in screening.hits] == [(f"answer.{question}", f"risk.{question}")]


def test_a_risk_answered_no_does_not_lower_what_the_text_says() -> None:
    answers = RiskAnswers(**dict.fromkeys(ANSWERED, Answer.NO))
    assert screen({"narrative": "He has a gun in the car."}, answers).level is Level.HIGH


def test_every_question_of_the_form_is_screened() -> None:
    assert set(ANSWERED) == set(RiskAnswers.model_fields)


def test_a_hit_names_its_rule_its_reason_its_text_and_the_phrase() -> None:
    title = "Seen with a machete"
    hit = screen({"title": title, "narrative": "See title."}, NOTHING_ANSWERED).hits[0]
    assert (hit.rule, hit.reason, hit.path) == ("certain.war_blade_held", SafetyReason.WEAPON, "title")
    assert title[hit.start : hit.end] == "with a machete"


def test_phrases_that_mean_little_alone_mean_much_together() -> None:
    means, target = "He has bought petrol.", "He knows when she is in."
    assert "imminent.means_and_target" not in rules(means) | rules(target)
    assert "imminent.means_and_target" in rules(f"{means} {target}")


@pytest.mark.parametrize(
    "narrative",
    [
        "He has changed the locks and she has not been seen since Tuesday.",
        "He has been told he won't see Christmas.",
        "They said it will be done Friday when the kids are at nan's.",
        "She has given her cat away and paid her bills.",
        "She is 13 and gets in the car to London tonight.",
        "The little one is in the house with him tonight and he is on the register.",
    ],
)
def test_risk_is_seen_without_an_obvious_word(narrative: str) -> None:
    assert is_high(narrative)


@pytest.mark.parametrize(
    "narrative",
    [
        "No weapon was seen.",
        "He does not have a knife.",
        "Searched at the door, a knife was not found.",
        "She denied having a gun.",
    ],
)
def test_what_is_said_not_to_be_there_is_no_risk(narrative: str) -> None:
    assert not is_high(narrative)


def test_a_negation_ends_where_a_new_thought_begins() -> None:
    assert is_high("He did not say much but he has a knife in his bag.")
    assert is_high("Nobody likes him, he has a gun.")


@pytest.mark.parametrize(
    "narrative",
    [
        "He was stabbed ten years ago.",
        "The unit was a gun shop until 1998.",
        "He served six years for stabbing a man in 2009.",
        "He has a previous conviction for possession of a firearm.",
    ],
)
def test_what_is_long_past_is_no_risk_now(narrative: str) -> None:
    assert not is_high(narrative)


def test_a_past_that_comes_back_is_a_risk() -> None:
    assert is_high("He was convicted of stabbing her and now he says he will stab her again.")


def test_a_quoted_threat_is_a_threat_and_a_title_is_none() -> None:
    assert is_high('He shouted "you\'re a dead man".')
    assert not is_high("They sell copies of a film called Dead Man With A Gun.")


@pytest.mark.parametrize(
    "narrative",
    [
        "A knife crime awareness session for Year 8.",
        "Lads killing time by the shops, dead on time every day.",
        "He ordered a shot of espresso and sat shooting hoops.",
        "Her cakes are to die for.",
        "There is missing homework and a missing parcel.",
        "A gunmetal grey Audi.",
        "He bombed his exam and sends Missing You cards.",
        "Stabbing in the dark here, not a blade of grass left.",
        "They hit the shops about four.",
        "Stanley knives in the DT cupboard, counted and present.",
    ],
)
def test_an_idiom_is_no_risk(narrative: str) -> None:
    assert not is_high(narrative)


@pytest.mark.parametrize(
    "narrative",
    [
        "He has a ＭＡＣＨＥＴＥ",
        "He has a mach\u200bete",
        "He has a máchete",
        "he has a machette",
        "HE HAS A MACHETE",
    ],
)
def test_spelling_hides_nothing_and_places_are_those_of_the_original(narrative: str) -> None:
    hit = screened(narrative).hits[0]
    assert hit.rule == "certain.war_blade_held"
    assert (hit.start, hit.end) == (3, len(narrative))


WORDS = st.sampled_from(
    [
        "he",
        "she",
        "they",
        "will",
        "kill",
        "not",
        "no",
        "knife",
        "gun",
        "with",
        "a",
        "the",
        "child",
        "13",
        "(",
        "years",
        "ago",
        "in",
        "1998",
        "missing",
        "since",
        "tonight",
        ".",
        ",",
        "\n",
        "won't",
    ]
)


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=300) | st.lists(WORDS, max_size=60).map(" ".join))
def test_any_text_is_screened_and_every_hit_lies_in_it(text: str) -> None:
    for hit in screened(text).hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert text[hit.start : hit.end].strip()


def test_the_rules_that_stand_in_the_data_are_all_valid_and_cover_every_reason() -> None:
    assert {rule.reason for rule in load_lexicon().rules} == set(SafetyReason) - {
        SafetyReason.UNSCREENED,
        SafetyReason.OTHER_LANGUAGE,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules: []",
        HEAD + "concepts: {a: '@nobody knows'}",
        HEAD + "concepts: {a: '_2 knife'}",
        HEAD + "concepts: {a: 'knife _99 him'}",
        HEAD + 'concepts: {a: "chef\'s knife"}',
        HEAD + "concepts: {a: '#ancient'}",
        HEAD + "concepts: {a: 'knife'}\nrules: [{id: x.y, reason: weapon, of: [b]}]",
        HEAD + "concepts: {a: 'knife'}\nrules: [{id: x.y, reason: boredom, of: [a]}]",
        HEAD + "concepts: {a: 'knife'}\nrules: [{id: x.y, reason: weapon, of: [a], least: 2}]",
        HEAD + "concepts: {a: 'knife'}\nrules: [{id: x.y, reason: weapon, of: [a], certain: perhaps}]",
        HEAD
        + "concepts: {a: 'knife', b: 'bag'}\nrules: [{id: x.y, reason: weapon, of: [a, b], least: 1, certain: true}]",
    ],
)
def test_a_lexicon_that_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(LexiconError):
        build_lexicon({"bad.yaml": text})


def test_high_advice_is_999_first_and_says_where_a_referral_goes() -> None:
    codes = [advice.code for advice in advise(screened("The baby has bruises on both ears."))]
    assert codes[0] is AdviceCode.CALL_999
    assert AdviceCode.REFER_CHILD in codes
    assert codes[-1] is AdviceCode.PORTAL_REPLACES_NEITHER


def test_an_unknown_persons_risk_names_both_referrals_and_no_risk_none() -> None:
    codes = {advice.code for advice in advise(screened("He has a gun in the car."))}
    assert {AdviceCode.REFER_CHILD, AdviceCode.REFER_ADULT} <= codes
    assert advise(screened("Litter.")) == ()


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("title", {"title": DANGER}),
        ("known_how_note", {"known_how_note": DANGER}),
        ("occurrence.place", {"occurrence": {"place": DANGER}}),
        ("occurrence.note", {"occurrence": {"note": DANGER}}),
        ("subjects.people.0.description", {"subjects": {"people": [{"name": "Lee", "description": DANGER}]}}),
        ("subjects.people.1.address", {"subjects": {"people": [{"name": "Lee"}, {"name": "Jo", "address": DANGER}]}}),
        ("subjects.people.0.also_known_as", {"subjects": {"people": [{"name": "Lee", "also_known_as": DANGER}]}}),
        ("subjects.places.0.description", {"subjects": {"places": [{"description": DANGER}]}}),
        ("subjects.vehicles.0.description", {"subjects": {"vehicles": [{"description": DANGER}]}}),
        ("subjects.phones.0.note", {"subjects": {"phones": [{"number": "1", "note": DANGER}]}}),
    ],
)
def test_every_text_about_what_happened_is_screened_and_a_hit_names_its_path(
    path: str, changes: dict[str, Any]
) -> None:
    screening = screen_submission(a_submission(narrative="Please see the rows.", **{"subjects": {}, **changes}))
    assert screening.level is Level.HIGH
    assert {hit.path for hit in screening.hits} == {path}


def test_a_nickname_is_no_danger_and_who_spoke_is_not_screened() -> None:
    source = {"kind": "person", "name": "Sharon Gunn", "role": "fire officer", "relationship_to_subject": "victim"}
    people = [{"name": "Stabber Lee", "also_known_as": "Shotgun"}]
    submission = a_submission(narrative="Litter.", source=source, subjects={"people": people})
    assert screen_submission(submission).level is Level.ORDINARY


@pytest.mark.parametrize("row", ROWS)
def test_what_stands_in_an_ordinary_row_is_ordinary(row: str) -> None:
    assert not is_high(row)


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "he has a knife ",
        "she he not no ",
        "she is 13 and missing, with a gun (14) ",
        "\n",
        "é",
        ". ",
        "a. ",
        "a b c d. ",
    ],
)
def test_a_hostile_text_of_100_kb_is_screened_in_good_time(part: str) -> None:
    began = time.process_time()
    is_high(part * (100_000 // len(part)))
    assert time.process_time() - began < SECONDS_FOR_100_KB
