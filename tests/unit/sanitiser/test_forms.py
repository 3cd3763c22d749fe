"""Spellings that are on no list: names, numbers, places and roles in other letters, words or halves are found."""

from typing import Any

import pytest

from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import a_submission, an_agency

SOURCE = {
    "kind": "person",
    "name": "Katherine Wolstenholme",
    "role": "school dinner supervisor",
    "organisation": "Thornhill Junior School",
    "phone": "07700 900461",
    "email": "kwolst@mail.example",
    "address": "12 Peel Street, Morley, LS27 8QE",
    "vehicle_registration": "YK21 PLO",
    "relationship_to_subject": "aunt",
}
SUBMITTER = {"name": "Min Zhao", "role": "designated safeguarding lead"}


def findings_in(text: str, **source: Any) -> tuple[Finding, ...]:
    submission = a_submission(narrative=text, title="", source=SOURCE | source, submitter=SUBMITTER)
    findings = sanitise(submission, an_agency()).findings
    return tuple(one for one in findings if one.path == "narrative" and not one.rule.startswith("cue."))


def bands_over(text: str, words: str, **source: Any) -> set[Band]:
    start = text.index(words)
    return {one.band for one in findings_in(text, **source) if one.start < start + len(words) and one.end > start}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Call Handler Kath logged it.", "Kath"),
        ("Dinner Lady Kath logged it.", "Kath"),
        ("K4th3r1n3 was there.", "K4th3r1n3"),
        ("W0lst3nholm3 was there.", "W0lst3nholm3"),
        ("It was Cassie by the gate.", "Cassie"),
    ],
)
def test_a_name_behind_a_title_in_digits_or_in_a_listed_short_form_is_proposed(text: str, words: str) -> None:
    assert Band.PROPOSE in bands_over(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Katy-Anne saw it.", "Katy-Anne"),
        ("Kath Brambles saw it.", "Kath"),
        ("Catharine Wolstonehome saw it.", "Wolstonehome"),
        ("Katharina Wolsenhulme saw it.", "Wolsenhulme"),
        ("Mr Zao rang twice.", "Zao"),
        ("It was seen bykath at noon.", "bykath"),
        ("We toldwolstenholmeabout it.", "toldwolstenholmeabout"),
    ],
)
def test_a_name_beside_a_stranger_twice_misspelt_or_joined_to_a_word_is_at_least_pointed_at(
    text: str, words: str
) -> None:
    assert bands_over(text, words)


@pytest.mark.parametrize(
    "text",
    [
        "Ryan Woolley sold 40 wraps at number 9 and left.",
        "The kathode ray shop in Katherington was shut.",
        "At 14th Street he paid 2pm prices.",
        "Mr Shaw and Mr Zuma came.",
    ],
)
def test_names_and_words_that_are_only_somewhat_alike_stay_without_a_finding(text: str) -> None:
    assert findings_in(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ring 07700 and then 900 and then 461 today.", "07700 and then 900 and then 461"),
        ("Ring zero seven seven zero zero then nine zero zero then four six one.", "zero seven"),
        ("Ring double-oh seven seven, zero zero, nine hundred four six one.", "zero zero, nine hundred"),
        ("Ring 07700 dash 900 space 461.", "461"),
        ("It was YK2I PLO outside.", "YK2I PLO"),
        ("It was YK21 PL0 outside.", "YK21 PL0"),
        ("Post it to LS27 8Q3 or LS27 BQE.", "LS27 BQE"),
        ("Ask at number twelve.", "number twelve"),
    ],
)
def test_a_number_or_code_said_in_other_words_or_look_alikes_is_replaced(text: str, words: str) -> None:
    assert bands_over(text, words) & {Band.AUTO, Band.PROPOSE}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He follows the blue Golf, YK21 something.", "YK21"),
        ("A car ending PLO stood there.", "PLO"),
        ("Ask the people at twelve.", "twelve"),
    ],
)
def test_a_code_or_number_in_part_is_pointed_at(text: str, words: str) -> None:
    assert bands_over(text, words) == {Band.FLAG}


@pytest.mark.parametrize(
    "text",
    [
        "He left at twelve and came back at 12 with nine hundred pounds and then forty bags.",
        "The van came from Flat 21 with PLA boxes and a YK22 sticker.",
        "Send it to LS27 9QE or LS28 8QE.",
        "He owes four six one pounds and then some.",
    ],
)
def test_other_numbers_and_codes_stay_without_a_finding(text: str) -> None:
    assert findings_in(text) == ()


@pytest.mark.parametrize(
    ("text", "words", "source"),
    [
        ("The dinner lady told staff.", "dinner lady", {}),
        ("The crossing patrol saw it.", "crossing patrol", {"role": "lollipop man"}),
        ("Night staff saw it.", "Night staff", {"role": "hostel night worker"}),
        ("The worker at the youth club saw it.", "worker at the youth", {"role": "youth worker"}),
        ("The support worker saw it.", "support worker", {"role": "tenancy sustainment officer"}),
        ("Lee's sis saw it.", "sis", {"relationship_to_subject": "sister"}),
        ("The safeguarding lead took the call.", "safeguarding lead", {}),
        ("The quayside man saw it.", "quayside man", {"role": "quayside operations officer"}),
        ("Mail kathw1984@gmail.com or 07700 900999.", "kathw1984@gmail.com", {}),
        ("Mail her or ring 07700 900999.", "07700 900999", {}),
        ("Her snap is zzyyy84, so ask.", "zzyyy84", {}),
        ("Add qwolsty on kik.", "qwolsty", {}),
    ],
)
def test_a_role_in_other_words_or_in_part_and_any_account_is_at_least_pointed_at(
    text: str, words: str, source: dict[str, str]
) -> None:
    assert bands_over(text, words, **source)


def test_an_account_or_number_of_a_subject_row_is_no_finding() -> None:
    text = "He is on 07700 900999 and lee.h@mail.example, snap leeharg1."
    subjects = {
        "people": [{"name": "Lee H", "description": "lee.h@mail.example, snap leeharg1"}],
        "phones": [{"number": "+44 7700 900999"}],
    }
    assert {one.rule for one in findings_in(text)} == {"other.account", "other.account.number"}
    submission = a_submission(narrative=text, title="", source=SOURCE, submitter=SUBMITTER, subjects=subjects)
    found = sanitise(submission, an_agency()).findings
    assert not [one for one in found if one.path == "narrative" and "account" in one.rule]


def test_a_name_is_found_where_its_title_is_part_of_a_role() -> None:
    assert Band.PROPOSE in bands_over("Dinner Lady Kath logged it.", "Kath")
