"""A greeting, a signature or a footer neither hides a short note nor makes it longer."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake_service.screening.courtesies import without_courtesies
from intake_service.screening.screen import level_of
from pipeline_shared.language.vocabulary import SafetyLevel
from tests.evaluation.disguises import DISGUISES

NOTES = [
    "bloke shot in leg, Hill Top",
    "girl, 12, pregnant by stepdad",
    "partner squeezed her neck, she passed out",
]
AROUND = ["greeting", "signature", "greeting, signature, footer", "full-width letters", "spoilt spaces"]


def said_in(text: str) -> str:
    start, end = without_courtesies(text)
    return text[start:end].strip()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi all, van outside again.", "van outside again."),
        ("Good morning team, hope you are well. Van outside again", "Van outside again"),
        ("Van outside again\nKind regards, Dana Whitlow, Housing Officer", "Van outside again"),
        ("Van outside again. Many thanks, Dana", "Van outside again."),
        ("Dear Sir,\nVan outside again.\nSent from my phone", "Van outside again."),
        ("Van outside again, thanks to the new gate.", "Van outside again, thanks to the new gate."),
        ("Thanks", "Thanks"),
        ("Hello", "Hello"),
        ("", ""),
    ],
)
def test_what_a_message_says_stands_between_its_greeting_and_its_signature(text: str, said: str) -> None:
    assert said_in(text) == said


@settings(max_examples=300)
@given(text=st.text(st.sampled_from("hi dear,.\nthanks regards ok 12"), max_size=80))
@example("Hi. " * 50)
def test_of_any_text_a_part_is_left(text: str) -> None:
    start, end = without_courtesies(text)
    assert 0 <= start <= end <= len(text)
    assert text[start:end].strip(" .\n") or not text.strip(" .\n") or (start, end) == (0, len(text))


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("around", AROUND)
def test_a_short_alarming_note_rings_also_with_courtesies_around_it_or_in_other_letters(note: str, around: str) -> None:
    assert level_of(note) is SafetyLevel.NOW
    assert level_of(DISGUISES[around](note)) is SafetyLevel.NOW
