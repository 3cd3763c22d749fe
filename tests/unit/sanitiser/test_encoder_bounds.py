"""What the encoder reads has a bound, and a text that it cannot read is held for a person."""

from collections.abc import Sequence

import pytest

from pipeline_shared.encoder.encoder import Token
from pipeline_shared.encoder.files import EncoderError
from sanitiser_service.matcher.disclosure import telling
from sanitiser_service.matcher.disclosure.disclosure import TOO_LONG
from sanitiser_service.matcher.disclosure.telling import MOST_TOKENS, Logits, encoder, logits_of
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.matcher.text.normalising import fold
from sanitiser_service.worker.domain import Hold, clear_or_hold
from tests.support.building import a_submission, an_agency, opened
from tests.unit.sanitiser.matched import submitted

TOLD = "She told the caretaker about it at the gate when the van had gone. "
MANY = TOLD * (MOST_TOKENS // len(encoder().tokens_of(fold(TOLD))) + 1)
HALF = MANY[: len(MANY) // 2 + len(TOLD)]


def too_long(**texts: str) -> list[str]:
    found = sanitise(submitted(texts.pop("narrative"), **texts), an_agency())
    return [path for kind, path in found.disclosures if kind == TOO_LONG]


def test_a_text_that_is_longer_than_people_write_is_held_and_read_by_a_person_alone() -> None:
    assert too_long(narrative=MANY) == ["narrative"]
    assert too_long(narrative=HALF) == []


def test_names_are_replaced_in_a_text_that_is_too_long() -> None:
    sanitised = sanitise(submitted(f"{MANY} Siobhan Entwistle was there."), an_agency())
    assert "Entwistle" not in sanitised.content.narrative
    outcome = clear_or_hold(opened(submitted(MANY)))
    assert isinstance(outcome, Hold)
    assert outcome.reasons[:2] == ("told:too_long:narrative", "told:tell:narrative")


def test_the_bound_is_one_for_all_texts_of_a_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counting(tokens: Sequence[Token], marks: Sequence[int]) -> Logits:
        read.append(len(tokens))
        return logits_of(tokens, marks)

    people = [{"name": f"Person {number}", "description": TOLD * 2} for number in range(50)]
    monkeypatch.setattr(telling, "logits_of", counting)
    found = sanitise(submitted(HALF, subjects={"people": people}), an_agency())
    assert 0 < sum(read) <= MOST_TOKENS
    assert any(kind == TOO_LONG for kind, _ in found.disclosures)


def test_a_fault_of_the_encoder_holds_the_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_tokens: Sequence[Token], _marks: Sequence[int]) -> Logits:
        raise EncoderError("matcher.onnx")

    monkeypatch.setattr(telling, "logits_of", fail)
    assert clear_or_hold(opened(a_submission(narrative=TOLD))) == Hold(("failed:EncoderError",))
