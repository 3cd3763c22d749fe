"""The two levels: what policy says of answers and unread texts, the bars of the stack, and when the encoder reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake_service.screening import text_level
from intake_service.screening.encoder_reading import MODEL, EncoderReading
from intake_service.screening.policy import FOLDER as POLICY_FOLDER
from intake_service.screening.policy import build_policy, highest
from intake_service.screening.screen import POLICY, screen, unread
from intake_service.screening.stack import FOLDER, MOST_HEAD, Stack, build_stacks
from pipeline_shared.encoder.encoder import Encoder
from pipeline_shared.encoder.files import EncoderError
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.vocabulary import Answer, SafetyLevel, SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from tests.unit.intake.builders import NOTHING_ANSWERED, screened

NOW, SOON, ORDINARY = SafetyLevel.NOW, SafetyLevel.SOON, SafetyLevel.ORDINARY
POLICY_TEXT = (POLICY_FOLDER / "levels.yaml").read_text("utf-8")
STACKS_TEXT = (FOLDER / "stack.yaml").read_text("utf-8")
STACK = Stack(words=1, certain=2, head=1, constant=0, now=5, soon=0, rings_when_certain=False)
SCORES = st.floats(-30, 30)
LITTER = (
    "Two lads on e-bikes sell vapes and counterfeit cigarettes from the shop on the corner most evenings after school. "
    "The owner keeps them under the counter and the council were told about the shop in March."
)
FEARED = "The lad has stopped coming out, the men in the flat took his bank card and he is let out to run errands."


def answered(*questions: str) -> RiskAnswers:
    return RiskAnswers.model_validate(dict.fromkeys(questions, Answer.YES))


@pytest.mark.parametrize("question", sorted(RiskAnswers.model_fields))
def test_one_answer_has_the_level_that_policy_gives_it(question: str) -> None:
    assert screen({}, answered(question)).level is POLICY.answers[question]


def test_two_answers_ring_together() -> None:
    assert screen({}, answered("weapon")).level is SOON
    assert screen({}, answered("weapon", "child_at_risk")).level is NOW


def test_an_answer_beside_a_text_that_is_soon_rings() -> None:
    assert POLICY.of_answers(["weapon"], SOON) is POLICY.beside_soon is NOW
    assert POLICY.of_answers([], SOON) is ORDINARY


def test_what_nothing_has_read_has_the_level_that_policy_gives_it() -> None:
    found = unread("no_answer", NOTHING_ANSWERED)
    assert (found.level, found.reasons) == (POLICY.unscreened, {SafetyReason.UNSCREENED})
    assert screened("Mój mąż powiedział że mnie zabije dziś wieczorem").level is POLICY.other_language


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unscreened: now", "unscreened: ordinary"),
        ("other_language: now", "other_language: ordinary"),
        ("weapon: soon", "weapon: ordinary"),
        ("  weapon: soon\n", ""),
        ("weapon: soon", "weather: soon"),
        ("ringing_together: 2", "ringing_together: 0"),
        ("beside_soon: now", "beside_soon: ordinary"),
    ],
)
def test_a_policy_that_would_be_silent_is_refused(old: str, new: str) -> None:
    assert old in POLICY_TEXT
    with pytest.raises(LexiconError):
        build_policy(POLICY_TEXT.replace(old, new))


def test_the_most_urgent_level_counts() -> None:
    assert highest([]) is ORDINARY
    assert highest([SOON, ORDINARY]) is SOON
    assert highest([SOON, NOW, ORDINARY]) is NOW


def test_a_score_at_a_bar_has_its_level() -> None:
    assert [STACK.level(words, 0, is_certain=False) for words in (-0.01, 0, 4.99, 5)] == [ORDINARY, SOON, SOON, NOW]


def test_what_a_certain_rule_says_is_at_least_soon_and_of_few_words_it_rings() -> None:
    assert STACK.level(-30, -30, is_certain=True) is SOON
    assert STACK.model_copy(update={"rings_when_certain": True}).level(-30, -30, is_certain=True) is NOW


@given(words=SCORES, head=SCORES, is_certain=st.booleans())
def test_without_the_encoder_a_text_has_the_level_that_it_has_with_it(
    words: float, head: float, *, is_certain: bool
) -> None:
    if not STACK.needs_head(words, is_certain=is_certain):
        level = STACK.level(words, 0, is_certain=is_certain)
        assert STACK.level(words, head, is_certain=is_certain) is level


def test_the_head_counts_no_more_than_its_limit() -> None:
    assert STACK.score(0, 1_000, is_certain=False) == MOST_HEAD


@pytest.mark.parametrize(("old", "new"), [("soon: ", "soon: 99"), ("head: ", "head: -"), ("version: ", "versions: ")])
def test_bars_that_cannot_be_trusted_are_refused(old: str, new: str) -> None:
    with pytest.raises(LexiconError):
        build_stacks(STACKS_TEXT.replace(old, new))


def test_a_plain_text_is_not_read_by_the_encoder_and_a_doubtful_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(text: str, *_: object, **__: object) -> EncoderReading:
        read.append(text)
        return EncoderReading(0.0, ())

    monkeypatch.setattr(text_level, "read_with_encoder", reading)
    screened(LITTER)
    screened(FEARED)
    assert read == [FEARED]


def test_a_text_that_the_encoder_cannot_read_has_the_level_of_an_unscreened_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> object:
        raise EncoderError("screen.onnx")

    monkeypatch.setattr(Encoder, "read", broken)
    found = screened(FEARED)
    assert (found.level, found.reasons) == (POLICY.unscreened, {SafetyReason.UNSCREENED})


def test_the_version_of_the_model_stands_with_every_screening() -> None:
    assert {screened(text).model for text in (LITTER, FEARED)} == {MODEL}
    assert unread("no_answer", NOTHING_ANSWERED).model == MODEL
