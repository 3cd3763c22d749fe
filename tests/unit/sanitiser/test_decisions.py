"""A person answers every question: the answers make the text, and none may be missing."""

import pytest

from sanitiser_service.matcher.questions import Answer, Question, questions_of
from sanitiser_service.matcher.redaction import UnansweredError, decide
from sanitiser_service.matcher.referents import Sort
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import an_agency
from tests.unit.sanitiser.answered import keeping, taking_out
from tests.unit.sanitiser.matched import submitted

TWICE = "It was Shiv who rang 07700 900118. Shiv has a key. A grey van stands there."
TOLD = (
    "The van is grey. Lee parks it behind the old laundry on Mill Street and sells from the boot, she told me in my "
    "clinic. It has two dogs."
)


def decided(text: str, answer: Answer) -> str:
    """Return a text once every question about it that offers this answer has it, and all others are kept."""
    submission = submitted(text)
    findings = sanitise(submission, an_agency()).findings
    questions = questions_in(text)
    answers = keeping(questions) | {one.key: answer for one in questions if answer in one.choices}
    return decide(submission, findings, questions, answers).narrative


def questions_in(text: str) -> tuple[Question, ...]:
    return questions_of({"narrative": text}, sanitise(submitted(text), an_agency()).findings)


def test_one_answer_about_a_name_counts_at_all_its_places() -> None:
    assert "Who is \u201cShiv\u201d? (2 places)" in [one.prompt for one in questions_in(TWICE)]
    kept = TWICE.replace("07700 900118", "[SOURCE CONTACT]")
    assert decided(TWICE, Answer.SOURCE_SIDE) == kept.replace("Shiv", "[SOURCE]")
    assert "Shiv" not in decided(TWICE, Answer.TAKE_OUT)
    assert decided(TWICE, Answer.SUBJECT) == decided(TWICE, Answer.SOMEBODY_ELSE) == kept


def test_a_telling_sentence_is_left_or_goes_in_part_or_in_whole() -> None:
    assert decided(TOLD, Answer.LEAVE) == decided(TOLD, Answer.REWRITE) == TOLD
    assert decided(TOLD, Answer.REMOVE) == "The van is grey. [REMOVED]. It has two dogs."
    words = decided(TOLD, Answer.TAKE_OUT)
    assert words.startswith("The van is grey. ")
    assert "[REMOVED]" in words
    assert words != decided(TOLD, Answer.REMOVE)


def test_a_name_in_a_sentence_that_is_removed_goes_with_it() -> None:
    text = "Shiv told me alone in my clinic and made me promise to keep it secret. Shiv has gone."
    submission, questions = submitted(text), questions_in(text)
    removing = {one.key: Answer.REMOVE for one in questions if one.sentence and one.sentence.start == 0}
    answers = keeping(questions) | removing
    findings = sanitise(submission, an_agency()).findings
    assert decide(submission, findings, questions, answers).narrative == "[REMOVED]. Shiv has gone."


def test_one_unanswered_question_or_one_unknown_answer_is_refused() -> None:
    submission, questions = submitted(TWICE), questions_in(TWICE)
    findings = sanitise(submission, an_agency()).findings
    wanted = taking_out(questions)
    name = next(one for one in questions if one.kind is Sort.NAME)
    unknown, not_offered = {"name:narrative:99": Answer.SUBJECT}, {name.key: Answer.REMOVE}
    for answers in ({}, wanted | unknown, wanted | not_offered):
        with pytest.raises(UnansweredError):
            decide(submission, findings, questions, answers)
