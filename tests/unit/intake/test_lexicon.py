"""The rules of the screen: those in the data are valid, and a file that cannot be trusted is refused."""

import pytest

from intake_service.screening.lexicon import build_lexicon, load_lexicon
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from tests.unit.intake.builders import HEAD


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
