"""What intake does with each level of the safety screen: advice comes with NOW alone, both others say nothing."""

import pytest

from intake_service.screening.advice import AdviceCode, advise
from intake_service.screening.screen import ANSWERED, screen
from intake_service.submissions.usecases import Sealing, seal_submission
from pipeline_shared.crypto.keys import generate_pair, load_public
from pipeline_shared.crypto.sealing import Recipient
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.vocabulary import Answer, SafetyLevel
from tests.support.building import NOW, a_submission
from tests.support.levels import MODEL, hit_on, known_agency, screened

SEALING = Sealing((Recipient("k", load_public(generate_pair().public)),), b"key")
ALL_NO = RiskAnswers.model_validate(dict.fromkeys(ANSWERED, Answer.NO))


@pytest.mark.parametrize("level", SafetyLevel)
def test_the_submitter_is_told_to_call_999_with_now_alone(level: SafetyLevel) -> None:
    submission = a_submission()
    advice = advise(screened(level, hit_on(submission, "visitors")))
    assert [each.code for each in advice][:1] == ([AdviceCode.CALL_999] if level is SafetyLevel.NOW else [])


@pytest.mark.parametrize("level", SafetyLevel)
def test_a_sealed_submission_keeps_its_level_and_the_version_of_the_model(level: SafetyLevel) -> None:
    sealed = seal_submission(
        a_submission(),
        known_agency(),
        screening=screened(level),
        idempotency_key="key",
        sealing=SEALING,
        now=NOW,
    )
    assert (sealed.level, sealed.model) == (level, MODEL)


@pytest.mark.parametrize("narrative", ["He has a machete.", "Litter in the park.", "Er hat ein Messer und wartet."])
def test_answering_no_to_every_question_lowers_no_level(narrative: str) -> None:
    texts = {"narrative": narrative}
    assert screen(texts, ALL_NO).level is screen(texts, RiskAnswers()).level
