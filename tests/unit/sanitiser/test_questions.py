"""Findings become few questions: each that is not sure is in exactly one, and the same text gives the same keys."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.names.strangers import strangers_in
from sanitiser_service.matcher.protection import protection_of
from sanitiser_service.matcher.questions import Answer, Question, questions_of
from sanitiser_service.matcher.referents import Referent, Sort
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.matcher.text.reading import read
from tests.support.building import an_agency
from tests.unit.sanitiser.matched import submitted

PIECES = st.sampled_from(
    [
        "Shiv", "shiv", "SHIV'S", "Siobhan Entwistle", "Entwistle", "S.E.", "07700 900118", "900118", "07700 900999",
        "the health visitor", "my neighbour", "She told me alone in my clinic", "and nobody else knows", "Penrose",
        "our Declan", "27 Garnet St", "@shiv_entwistle", "YK21 PLO", ".", ",", "\n", "\n\n", "\u200b", "'", "- ",
    ]
)  # fmt: skip


def questions_in(text: str, **changes: Any) -> tuple[Question, ...]:
    submission = submitted(text, **changes)
    findings = sanitise(submission, an_agency()).findings
    return questions_of(texts_of(content_of(submission)), findings)


@settings(deadline=None, max_examples=150)
@given(text=st.lists(PIECES, min_size=1, max_size=40).map(" ".join), title=st.lists(PIECES, max_size=5).map(" ".join))
@example(text="Shiv told me", title="Shiv")
def test_each_finding_that_is_not_sure_is_in_exactly_one_question_and_keys_are_stable(text: str, title: str) -> None:
    try:
        submission = submitted(text, title=title)
    except ValueError:
        return
    texts, findings = texts_of(content_of(submission)), sanitise(submission, an_agency()).findings
    questions = questions_of(texts, findings)
    places = [(path, start) for one in questions for path, start, *_ in one.places]
    open_findings = [one for one in findings if one.band is not Band.AUTO]
    assert len(places) == len(open_findings)
    asked = Counter((place.path, place.rule) for one in questions for place in one.places)
    assert asked == Counter((one.path, one.rule) for one in open_findings)
    assert max(Counter(places).values(), default=1) == 1
    assert all(any(f.path == path and f.start <= start < f.end for f in open_findings) for path, start in places)
    assert len({one.key for one in questions}) == len(questions)
    assert [one.key for one in questions_of(texts, findings)] == [one.key for one in questions]
    assert all(one.default in one.choices for one in questions)


@settings(deadline=None, max_examples=100)
@given(text=st.lists(PIECES, min_size=1, max_size=40).map(" ".join))
def test_a_sentence_holds_its_telling_words_and_sentences_do_not_overlap(text: str) -> None:
    try:
        questions = questions_in(text)
    except ValueError:
        return
    spans = sorted(one.sentence for one in questions if one.sentence)
    for one in questions:
        if one.sentence:
            assert all(one.sentence.start <= place.start < place.end <= one.sentence.end for place in one.places)
    assert all(before.start < after.start for before, after in pairwise(spans))


def test_a_name_is_asked_about_once_in_whatever_text_and_case_it_stands() -> None:
    questions = questions_in("Shiv has a key. SHIV's van is grey.", title="From Shiv")
    name = next(one for one in questions if one.kind is Sort.NAME)
    assert [place.path for place in name.places] == ["narrative", "narrative", "title"] or [
        place.path for place in name.places
    ] == ["title", "narrative", "narrative"]
    assert name.prompt == "Who is \u201cShiv\u201d? (3 places)"
    assert name.referent is Referent.SOURCE


def test_what_tells_in_one_sentence_is_one_question_with_its_reasons_in_plain_words() -> None:
    text = "The van is grey. She whispered to me alone in my clinic, as her health visitor, that he sells. It has dogs."
    (telling,) = (one for one in questions_in(text) if one.sentence)
    assert telling.sentence
    assert text[slice(*telling.sentence)].startswith("She whispered")
    assert text[slice(*telling.sentence)].endswith("he sells")
    assert len(telling.places) > 1
    assert telling.choices == (Answer.LEAVE, Answer.TAKE_OUT, Answer.REWRITE, Answer.REMOVE)
    assert telling.reason[0].isupper()


@pytest.mark.parametrize(
    ("text", "prompt", "referent"),
    [
        ("My husband Declan takes the messages.", "Who is \u201cDeclan\u201d?", Referent.NEAR_SOURCE),
        ("She has told no one, not even Emeka, of it.", "Who is \u201cEmeka\u201d?", Referent.UNKNOWN),
        ("He sells from the flat.\nBrigid, EP lead", "Who is \u201cBrigid\u201d?", Referent.UNKNOWN),
        ("Her snap is zzyyy84, so ask.", "Whose is \u201czzyyy84\u201d?", Referent.UNKNOWN),
        ("The number ends 118 as before.", "Whose is \u201c118\u201d?", Referent.SOURCE),
        ("Call it in through PBFH please.", "Whose is \u201cPBFH\u201d?", Referent.SOURCE),
    ],
)
def test_a_name_or_value_that_may_lead_to_the_source_is_asked_about(text: str, prompt: str, referent: Referent) -> None:
    asked = {one.prompt: one.referent for one in questions_in(text)}
    assert asked.get(prompt) is referent


@pytest.mark.parametrize(
    "text",
    [
        "Lee Hargreaves keeps three dogs in the yard and sells lighters at the bus station.",
        "Dwayne, 34, sells from the flat. Dwayne has a van.",
        "Renée's brother Kwame drives the van.",
        "Phone 07700 900118 and ask for Siobhan Entwistle.",
    ],
)
def test_a_name_that_is_clearly_a_subjects_and_what_is_sure_raise_no_question_about_a_name(text: str) -> None:
    assert [one.prompt for one in questions_in(text) if one.kind is Sort.NAME] == []


def test_a_key_holds_none_of_the_text() -> None:
    questions = questions_in("Shiv told me alone. Her snap is zzyyy84.")
    assert questions
    assert not any(word in one.key.casefold() for one in questions for word in ("shiv", "zzyyy", "told", "alone"))


def test_a_judge_of_the_sources_side_decides_which_unexplained_names_are_asked_about() -> None:
    text = "Winston sleeps days. Dwayne sells from the flat."
    reading, protection = read(text), protection_of(submitted(text), an_agency())

    nobody = [0.0] * len(reading)
    winston = [0.9 if key == "winston" else 0.1 for key in reading.keys]
    assert strangers_in(reading, protection, Bystanders(), nobody) == []
    found = [text[one.start : one.end] for one in strangers_in(reading, protection, Bystanders(), winston)]
    assert found == ["Winston"]
    explained = frozenset({"winston"})
    assert strangers_in(reading, protection, Bystanders(), winston, explained=explained) == []
