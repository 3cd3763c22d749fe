"""The review: each question is answered by itself, and a person's words replace those of the software."""

import pytest

from pipeline_shared.language.restricted import SealedContent
from sanitiser_service.desk.review import domain
from sanitiser_service.desk.review.domain import (
    Proposal,
    as_answered,
    check_again,
    contradicting,
    mark_of,
    may_stay,
    not_rewritten,
    propose,
    rewritten,
    unanswered,
    words_left,
)
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.questions import Answer, Question
from tests.support.building import a_submission, opened
from tests.unit.sanitiser.answered import keeping, taking_out

TEXT = "Mags told the housing officer. Lee Hargreaves has a van, 07700 900118 is Margaret Entwistle."


def held() -> SealedContent:
    return opened(a_submission(narrative=TEXT))


def nickname_in(proposal: Proposal) -> Question:
    return next(one for one in proposal.questions if one.places[0].rule.endswith("nickname"))


def test_what_is_not_sure_waits_for_a_person_and_what_is_sure_does_not() -> None:
    proposal = propose(held())
    assert {finding.band for finding in proposal.findings} >= {Band.AUTO, Band.PROPOSE}
    asked = [place for question in proposal.questions for place in question.places]
    waiting = [one for one in proposal.findings if one.band is not Band.AUTO]
    assert len(asked) == len(waiting)
    assert all(any(one.start <= place.start < place.end <= one.end for one in waiting) for place in asked)
    assert unanswered(proposal, {}) == proposal.questions
    assert unanswered(proposal, keeping(proposal.questions)) == ()
    assert unanswered(proposal, dict.fromkeys(keeping(proposal.questions), Answer.REMOVE)) != ()


def test_the_text_is_as_answered_so_far() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    nickname = nickname_in(proposal)
    assert "Mags" not in as_answered(opened_here.submission, proposal, {}).narrative
    left = as_answered(opened_here.submission, proposal, {nickname.key: Answer.SUBJECT})
    assert left.narrative.startswith("Mags")
    assert "Margaret Entwistle" not in left.narrative


def test_an_answer_to_no_question_changes_nothing_nor_does_one_that_is_not_offered() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    for answers in ({"name:narrative:99": Answer.SUBJECT}, {nickname_in(proposal).key: Answer.LEAVE}):
        assert as_answered(opened_here.submission, proposal, answers) == as_answered(
            opened_here.submission, proposal, {}
        )


def test_nothing_of_a_text_that_could_not_be_read_goes_onward(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr(domain, "sanitise", fail)
    opened_here = held()
    proposal = propose(opened_here)
    assert not proposal.was_read
    assert as_answered(opened_here.submission, proposal, {}).narrative == "[REMOVED]"


def test_only_a_text_that_differs_from_what_was_shown_was_written_anew() -> None:
    shown = {"narrative": mark_of("As it was"), "title": mark_of("A title")}
    assert rewritten({"narrative": "As it was ", "title": "Another", "unknown": "x"}, shown) == {"title": "Another"}


@pytest.mark.parametrize("sent", ["One.\r\nTwo.\rThree.\n", "One.\nTwo.\nThree."])
def test_a_line_end_that_a_browser_sends_in_its_own_way_is_no_change(sent: str) -> None:
    assert rewritten({"narrative": sent}, {"narrative": mark_of("One.\r\nTwo.\nThree.")}) == {}


def test_a_text_written_anew_may_not_say_what_was_answered_to_be_taken_out() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    accepted = taking_out(proposal.questions)
    typed = {"narrative": TEXT.replace("a van", "a grey van")}
    said = contradicting(opened_here.submission, proposal, accepted, typed)
    assert "Mags" in {one.words for one in said}
    assert contradicting(opened_here.submission, proposal, accepted, {"narrative": "Lee has a grey van."}) == ()
    rejected = keeping(proposal.questions)
    assert contradicting(opened_here.submission, proposal, rejected, typed) == ()


def test_what_a_person_types_is_matched_again_but_for_words_they_have_left() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    typed = {"narrative": "Mags and Maggie have seen a van."}
    assert {one.words for one in check_again(opened_here, typed, frozenset())} == {"Mags", "Maggie"}
    left = words_left(opened_here.submission, proposal, {nickname_in(proposal).key: Answer.SUBJECT})
    assert {one.words for one in check_again(opened_here, typed, left)} == {"Maggie"}


def test_a_sentence_that_a_person_chose_to_rewrite_must_not_stand_as_it_was() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    sentence = next(one for one in proposal.questions if one.sentence)
    answers = taking_out(proposal.questions) | {sentence.key: Answer.REWRITE}
    shown = as_answered(opened_here.submission, proposal, answers).narrative
    for unchanged in ({}, {"narrative": f"{shown} Also at night."}):
        assert not_rewritten(opened_here.submission, proposal, answers, unchanged) == (sentence,)
    anew = {"narrative": "It became known. Lee Hargreaves has a van."}
    assert not_rewritten(opened_here.submission, proposal, answers, anew) == ()


def may_all_stay(narrative: str, source: dict[str, str]) -> bool:
    opened_here = opened(a_submission(narrative=narrative, source={"kind": "person", **source}))
    submission, proposal = opened_here.submission, propose(opened_here)
    answers = keeping(proposal.questions)
    content = as_answered(submission, proposal, answers)
    found = find_leaks(content, protected_values(submission, opened_here.agency))
    assert found
    return all(may_stay(item, texts_of(content_of(submission)), proposal, answers) for item in found)


def test_ordinary_words_and_roles_may_be_left_by_a_person_and_a_name_never() -> None:
    assert may_all_stay("It was a White van that stood there.", {"name": "Ellen White"})
    assert may_all_stay("The manager of the car wash.", {"name": "Ellen White", "role": "manager"})
    assert not may_all_stay("Ellen saw the van.", {"name": "Ellen White"})
    assert not may_all_stay("They all saw White there.", {"name": "Ellen White"})
