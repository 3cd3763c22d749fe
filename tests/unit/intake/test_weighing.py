"""The screen applies certain rules, then weighs the words; each hit is explained."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.screening.learned import FOLDER, HEAVIEST, build_families, build_weights
from intake_service.screening.screen import is_high
from intake_service.screening.text_level import LEARNED, LEXICON
from intake_service.screening.windows import read_text, read_windows
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from tests.unit.intake.builders import HEAD, WORDS, screened

HEADERS = "# version: 1\n# owner: somebody\n# constant: 0\n"
QUIET_DANGER = "The baby is grey and has not fed and mum is on the floor and cannot be roused, he has hurt her."
SAID_PLAINLY = (
    "Carer here. He has locked her in the back bedroom and she is crying that she cannot breathe, her lips are blue "
    "and he will not let me ring anyone."
)
BY_WEIGHTS = [
    "She told the nurse that he checks her phone, last week he put her out in the snow and she is afraid to go back.",
    "The lad has stopped coming out, the men in the flat took his bank card and he is let out only to run errands.",
    "My neighbour screams most nights and today the little boy told me that daddy hurts mummy and she cannot walk.",
]
A_REPORT = "The minutes of the parking forum were agreed and the new signs on the high street were thought tidy. " * 60


@pytest.mark.parametrize("narrative", BY_WEIGHTS)
def test_what_the_weights_find_is_explained_by_phrases_around_the_words_that_weigh_most(narrative: str) -> None:
    hits = [hit for hit in screened(narrative).hits if hit.rule.startswith("learned.")]
    assert 1 <= len(hits) <= HEAVIEST
    assert len({(hit.rule, hit.reason) for hit in hits}) == 1
    assert hits[0].rule in {"learned.words", f"learned.{hits[0].reason}"}
    assert all(len(narrative[hit.start : hit.end].split()) > 1 for hit in hits)


def test_a_reason_that_nothing_names_is_serious_harm_and_never_called_imminent() -> None:
    hits = [hit for narrative in BY_WEIGHTS for hit in screened(narrative).hits if hit.rule == "learned.words"]
    assert {hit.reason for hit in hits} <= {SafetyReason.SERIOUS_HARM}


def test_what_a_rule_says_comes_before_what_the_weights_say() -> None:
    rules = [hit.rule.startswith("learned.") for narrative in BY_WEIGHTS for hit in screened(narrative).hits]
    assert set(rules) == {False, True}
    for narrative in BY_WEIGHTS:
        kinds = [hit.rule.partition(".")[0] for hit in screened(narrative).hits]
        said = [("learned", "encoder").index(kind) if kind in ("learned", "encoder") else -1 for kind in kinds]
        assert said == sorted(said)


def test_where_a_rule_is_certain_it_explains_alone() -> None:
    assert {hit.rule for hit in screened(f"He has a gun in the car. {POLITE}").hits} == {"certain.gun_held"}


PLAIN = [
    "She swallowed a whole packet of sleeping pills before lunch.",
    "Her ex has a pistol and has shown it to the lads.",
    "He said he will stab the caretaker.",
    "They have locked the girl in the cellar.",
    "My nephew, 12, ran away from the home last night.",
]
POLITE = (
    "Many thanks for the visit to our office last week. The minutes of the residents' meeting are attached and the "
    "next one is planned for the summer. Please ring the manager about the parking permits if anything is unclear."
)


@pytest.mark.parametrize("narrative", PLAIN)
def test_no_polite_words_around_it_switch_off_what_is_certain(narrative: str) -> None:
    assert not is_high(POLITE)
    assert is_high(narrative)
    assert is_high(f"{narrative} {POLITE}")
    assert is_high(f"{POLITE} {narrative} {POLITE}")
    assert is_high(POLITE.replace("attached", f"attached and {narrative.rstrip('.').lower()}"))


@pytest.mark.parametrize("means_to", ["will", "'ll", "is gonna", "is going to", "wants to", "swore he will"])
@pytest.mark.parametrize("whom", ["the caretaker", "them", "his nan"])
def test_a_threat_is_certain_with_and_without_a_to(means_to: str, whom: str) -> None:
    text = f"The tenant of the ground floor said he {means_to} stab {whom} and then walked off to the shops."
    assert "certain.kill_said" in {hit.rule for hit in screened(text).hits}


def test_a_certain_rule_is_not_fooled_by_what_it_is_mistaken_for() -> None:
    for narrative in (
        "The gun club keeps a rifle in the cabinet with its certificate.",
        "Year 9 have written a story in which a man says he will stab the king.",
        "The museum has a sword on loan and an antique pistol in the case.",
    ):
        assert not any(hit.rule.startswith("certain.") for hit in screened(narrative).hits)


def test_a_quiet_danger_between_polite_lines_is_raised_and_shown() -> None:
    narrative = f"{POLITE} {QUIET_DANGER} {POLITE}"
    hits = screened(narrative).hits
    assert hits
    assert any(len(POLITE) < hit.start < hit.end <= len(POLITE) + 1 + len(QUIET_DANGER) for hit in hits)


def test_a_phrase_that_alarms_alone_is_weighed_with_what_explains_it() -> None:
    assert is_high("He has a gun.")
    assert not is_high(
        "The museum has asked for the deactivated gun and its certificate to be collected after the display closed in "
        "March, both are locked in the store and the officer has the receipt."
    )


def test_a_long_report_does_not_hide_the_line_that_matters() -> None:
    assert not is_high(A_REPORT)
    assert is_high(A_REPORT + SAID_PLAINLY + " " + A_REPORT)


@settings(deadline=None)
@given(narrative=st.sampled_from([SAID_PLAINLY, A_REPORT]) | st.lists(WORDS, max_size=200).map(" ".join))
def test_a_submission_weighs_what_its_features_weigh_by_name(narrative: str) -> None:
    rows = [line.split("\t") for line in (FOLDER / "weights.tsv").read_text("utf-8").splitlines() if "\t" in line]
    weights = {name: float(weight) for name, weight in rows}
    reading = read_text(narrative, LEXICON, LEARNED.families.of)
    for window in read_windows(reading, LEXICON):
        features = window.features(reading)
        by_name = sum(weights.get(name, 0.0) * value for name, value in features.by_name().items())
        assert LEARNED.weights.score(features) == pytest.approx(LEARNED.weights.constant + by_name, abs=1e-9)


@pytest.mark.parametrize("text", ["", "# version: 1\na\t1", HEADERS + "a\tmuch", HEADERS + "a\t1\na\t2", HEADERS + "a"])
def test_weights_that_cannot_be_trusted_are_refused(text: str) -> None:
    with pytest.raises(LexiconError):
        build_weights("weights.tsv", text)


@pytest.mark.parametrize("text", ["", HEAD, HEAD + "families: {a: {words: x, reason: boredom}}"])
def test_families_that_cannot_be_trusted_are_refused(text: str) -> None:
    with pytest.raises(LexiconError):
        build_families(text)
