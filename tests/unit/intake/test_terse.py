"""Terse notes and statutory concerns: a few hurried words are enough, and words that only look alike are not."""

import pytest

from intake_service.screening.lexicon import build_lexicon
from intake_service.screening.screen import is_high
from intake_service.screening.text_level import LEARNED, LEXICON
from intake_service.screening.windows import TERSE, read_text, read_windows
from pipeline_shared.text.lexicon import LexiconError
from pipeline_training.screen.texts import NOTE, read_held_out
from tests.evaluation.sets import FOLDER
from tests.unit.intake.builders import HEAD, screened

OFFICE = (
    "The parking permits were handed out and the minutes of the last meeting agreed, and new blinds hang in the hall."
)


@pytest.mark.parametrize(
    "narrative",
    [
        "missing since last night, 13 years old, no coat",
        "gunshots heard on Garnet Street ten minutes ago",
        "Hostage in flat 4.",
        "Family are taking Amina, 8, to be cut in the summer holidays.",
        "Forced marriage: flight booked for Thursday, she is 16.",
        "she wants to kms",
        "says she will unalive herself",
        "ending it tonight",
        "13F misper, bf older",
        "man held at knifepoint, Corn St",
        "breast ironing, girl of 10",
        "OD in the loos, not waking",
        "boss has their passports, men sleep in the unit",
        "lad 14 sent nudes, now blackmailed",
        "w knife outside the nursery",
        "drunk driving the school minibus now",
        "newborn left in a cold shed",
        "told to sell a kidney for the debt",
        "hands round her throat last nite",
        "exorcism planned for the lad, 7, he is beaten",
    ],
)
def test_a_few_hurried_words_of_danger_are_high(narrative: str) -> None:
    assert is_high(narrative)


@pytest.mark.parametrize(
    "narrative",
    [
        "missing bike",
        "gun shop closed",
        "cut hair",
        "shots at the pub (drinks)",
        "wedding flight booked",
        "kids' toy gun",
        "kill time",
        "hostage negotiation course",
        "FGM awareness posters gone up",
        "baby clothes stolen",
        "organ recital tickets forged",
        "ending the tenancy tonight",
        "12000 kms on the clock, altered",
        "attack on goal, lol",
        "spiked hair lad selling weed",
        "overdosed on cake",
        "dad taken kids abroad on hols",
        "missing parcel, flat 4",
        "bath bombs nicked",
        "intruder alarm going off again",
    ],
)
def test_the_same_words_about_something_else_are_ordinary(narrative: str) -> None:
    assert not is_high(narrative)


def test_notes_that_nothing_was_tuned_on_are_found_and_few_others_raised() -> None:
    notes = [text for text in read_held_out(FOLDER) if text.kind == NOTE]
    raised = [text for text in notes if is_high(text.narrative)]
    assert sum(text.high for text in raised) >= 0.95 * sum(text.high for text in notes)
    assert sum(not text.high for text in raised) <= 0.05 * len(raised)


def test_a_rule_for_terse_notes_decides_alone_only_in_a_text_of_few_words() -> None:
    note = "intruder inside, she is hiding upstairs"
    assert any(hit.rule == "terse.break_in" for hit in screened(note).hits)
    reading = read_text(f"{note}. {OFFICE} {OFFICE}", LEXICON, LEARNED.families.of)
    assert len(reading.tokens) > TERSE
    fired = [(rule, window) for window in read_windows(reading, LEXICON) for rule, _ in window.fired if rule.terse]
    assert fired
    assert not any(window.is_sure_of(rule) for rule, window in fired)


def test_a_terse_rule_wants_all_its_groups() -> None:
    rules = "concepts: {a: 'knife', b: 'bag'}\nrules: [{id: x.y, reason: weapon, of: [a, b], least: 1, terse: true}]"
    with pytest.raises(LexiconError):
        build_lexicon({"bad.yaml": HEAD + rules})


@pytest.mark.parametrize(
    "note",
    [
        "grandad with dementia wandering, no shoes",
        "elderly man roaming the bypass in slippers",
        "old lady in her nightie outside Tesco, freezing",
        "disorientated pensioner at bus station",
    ],
)
def test_somebody_frail_who_wanders_is_urgent(note: str) -> None:
    assert is_high(note)


@pytest.mark.parametrize(
    "note",
    [
        "Leaflet about dementia wandering in the library",
        "elderly neighbour complains of dogs roaming",
        "Teens wandering round the estate, drinking",
        "wandering cattle on the bypass",
    ],
)
def test_what_wanders_and_is_not_frail_is_not(note: str) -> None:
    assert not is_high(note)
