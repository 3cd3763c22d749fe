"""The limits of the safety screen on hits and time, for any text; a text is never refused for them."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.screening import text_level
from intake_service.screening.advice import AdviceCode, advise
from intake_service.screening.deadline import Deadline
from intake_service.screening.hit_limit import MOST_ALIKE, MOST_HITS, keep
from intake_service.screening.matching import BETWEEN_CHECKS, find_concepts
from intake_service.screening.screen import screen
from intake_service.screening.text_level import LEARNED, LEXICON
from intake_service.screening.windows import STEP, read_text
from intake_service.submissions.usecases import screen_submission
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.restricted import SafetyHit
from pipeline_shared.language.vocabulary import Answer, SafetyLevel, SafetyReason
from tests.support.building import a_submission
from tests.unit.intake.builders import NOTHING_ANSWERED

ALARMS = ["He has a machete. ", "she is 13 and missing, with a gun (14) ", "he will kill her tonight ", "knife "]
OVER = Deadline(0.0)

HITS = st.builds(
    SafetyHit,
    rule=st.integers(0, 30).map(lambda n: f"rule.{n}"),
    reason=st.sampled_from(SafetyReason),
    path=st.integers(0, 60).map(lambda n: f"path.{n}"),
    start=st.just(0),
    end=st.just(1),
)


def filled(part: str) -> dict[str, Any]:
    """Return changes of a form that repeat a part in every screened text as often as it fits."""
    line = (part * 200)[:200]
    rows = {
        "people": [{"name": "Lee", "address": line, "description": line}] * 50,
        "places": [{"description": line}] * 50,
        "vehicles": [{"description": line}] * 50,
        "phones": [{"number": "1", "note": line}] * 50,
    }
    return {"narrative": (part * 20_000)[:20_000], "title": line, "subjects": rows}


@pytest.mark.parametrize("part", ALARMS)
def test_however_often_a_text_repeats_what_alarms_few_hits_are_kept(part: str) -> None:
    hits = screen_submission(a_submission(**filled(part))).hits
    assert len(hits) <= MOST_HITS
    assert max(Counter((hit.rule, hit.path) for hit in hits).values(), default=0) <= MOST_ALIKE


@settings(max_examples=50, deadline=None)
@given(hits=st.lists(HITS, max_size=300))
def test_every_reason_and_every_rule_is_kept_and_the_order_too(hits: list[SafetyHit]) -> None:
    kept = keep(hits)
    assert len(kept) <= MOST_HITS
    assert {hit.reason for hit in kept} == {hit.reason for hit in hits}
    assert {hit.rule for hit in kept} == {hit.rule for hit in hits}
    rest = iter(hits)
    assert all(hit in rest for hit in kept)  # an iterator: the search for each continues behind the one before it


def test_a_reason_that_comes_after_more_hits_than_are_kept_is_kept_all_the_same() -> None:
    def hit(rule: str, reason: SafetyReason, text: int) -> SafetyHit:
        return SafetyHit(rule=rule, reason=reason, path=f"text.{text}", start=0, end=1)

    many = [hit("a", SafetyReason.WEAPON, text) for text in range(2 * MOST_HITS)]
    last = [hit("a", SafetyReason.MISSING, 0), hit("b", SafetyReason.WEAPON, 0)]
    kept = keep([*many, *last])
    assert len(kept) == MOST_HITS
    assert kept[-2:] == tuple(last)


def test_few_hits_are_all_kept() -> None:
    hits = [SafetyHit(rule=f"r{n}", reason=SafetyReason.WEAPON, path="title", start=n, end=n + 1) for n in range(90)]
    assert keep(hits) == tuple(hits)


def test_what_is_not_screened_in_time_is_high_and_says_so() -> None:
    found = screen({"narrative": "Litter in the park."}, NOTHING_ANSWERED, OVER)
    assert found.level is SafetyLevel.NOW
    assert [(hit.reason, hit.path) for hit in found.hits] == [(SafetyReason.UNSCREENED, "narrative")]
    assert advise(found)[0].code is AdviceCode.CALL_999


def test_what_was_answered_stays_beside_what_was_not_screened() -> None:
    answers = RiskAnswers(weapon=Answer.YES)
    assert screen({"narrative": "Litter."}, answers, OVER).reasons == {SafetyReason.WEAPON, SafetyReason.UNSCREENED}


def test_what_was_found_before_the_time_was_up_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "process_time", lambda: float(next(ticks)))
    texts = {"title": "He has a machete.", "narrative": "Litter in the park. " * 900}
    assert screen(texts, NOTHING_ANSWERED, Deadline(30)).reasons == {SafetyReason.WEAPON, SafetyReason.UNSCREENED}


def looks(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how often the clock is read."""
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "process_time", lambda: float(next(ticks)))
    work()
    return next(ticks)


@pytest.mark.parametrize("part", [*ALARMS, "he "])
def test_a_screen_looks_at_its_deadline_again_and_again(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It checks every few words while it finds concepts, then at every rule: a sentence may be as long as a text."""
    text = "Hello there, you. " + (part * 8_000)[:8_000]
    words = read_text(text, LEXICON, LEARNED.families.of).words
    finding = looks(lambda: find_concepts(words, LEXICON), monkeypatch)
    assert finding >= len(words.keys) // BETWEEN_CHECKS
    whole = looks(lambda: screen({"narrative": text}, NOTHING_ANSWERED), monkeypatch)
    assert whole > finding + len(words.keys) / STEP


def test_a_fault_in_the_screen_makes_its_text_high_and_the_others_are_screened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = text_level.read_text

    def faulty(text: str, *rest: Any) -> Any:
        if text == "Boom.":
            raise ZeroDivisionError
        return read(text, *rest)

    monkeypatch.setattr(text_level, "read_text", faulty)
    found = screen({"title": "Boom.", "narrative": "He has a machete."}, NOTHING_ANSWERED)
    assert found.reasons == {SafetyReason.UNSCREENED, SafetyReason.WEAPON}
