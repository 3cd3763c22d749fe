"""Sanitising removes the values of the source and keeps those of subjects; a leak holds the submission."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_shared.language.restricted import SafetyHit, Submission
from pipeline_shared.language.vocabulary import SafetyReason
from sanitiser_service.desk.review.labels import explain
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.worker.domain import Clear, Hold, clear_or_hold
from tests.support.building import a_submission, an_agency, opened

SOURCE = {
    "kind": "person",
    "name": "Margaret Entwistle",
    "role": "retired",
    "phone": "07700 900118",
    "email": "mags.entwistle@post.example.org",
    "address": "27 Garnet Street, Hexley, BD7 2LP",
    "vehicle_registration": "YK21 PLO",
    "relationship_to_subject": "neighbour",
}


def narrative_of(text: str, **source: Any) -> str:
    return sanitise(a_submission(narrative=text, source=SOURCE | source), an_agency()).content.narrative


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Margaret Entwistle rang.", "[SOURCE] rang."),
        ("MARGARET  ENTWISTLE rang.", "[SOURCE] rang."),
        ("Mrs Entwistle's wall", "[SOURCE] wall"),
        ("Ring 07700-900-118 or 07700900118.", "Ring [SOURCE CONTACT] or [SOURCE CONTACT]."),
        ("E.n.t.w.i.s.t.l.e said so", "[SOURCE] said so"),
        ("at 27 Garnet Street, Hexley", "at [SOURCE DETAIL], Hexley"),
        ("her car yk21plo", "her car [SOURCE DETAIL]"),
        ("her neighbour Lee", "her [SOURCE DETAIL] Lee"),
        ("write to mags.entwistle@post.example.org", "write to [SOURCE CONTACT]"),
        ("Brambleford Homes and Colin Adeyemi", "[AGENCY] and [SUBMITTER]"),
        ("Lee Hargreaves at 31 Garnet Street", "Lee Hargreaves at 31 Garnet Street"),
        ("the homes in the neighbourhood", "the homes in the neighbourhood"),
    ],
)
def test_a_value_of_the_form_becomes_its_token_however_it_is_written(text: str, expected: str) -> None:
    assert narrative_of(text) == expected


def test_what_identifies_a_subject_is_never_rewritten() -> None:
    subjects = {"people": [{"name": "Lee Entwistle", "description": "Margaret's lodger"}]}
    content = sanitise(a_submission(source=SOURCE, subjects=subjects), an_agency()).content
    assert content.subjects.people[0].name == "Lee Entwistle"
    assert content.subjects.people[0].description == "[SOURCE] lodger"


def test_a_finding_says_which_rule_and_where_in_the_original() -> None:
    text = "Call 07700 900118, ask for Margaret."
    findings = sanitise(a_submission(narrative=text, source=SOURCE), an_agency()).findings
    assert [(text[f.start : f.end], f.rule) for f in findings] == [
        ("07700 900118", "source.phone"),
        ("Margaret", "source.name.part"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Lee knows theEntwistlefamily.",
        "mail to xentwistle77 at post",
        "Ｅｎｔｗｉｓｔｌｅ said so",
        "tel 0770090011899",
    ],
)
def test_what_is_left_over_holds_the_submission(text: str) -> None:
    outcome = clear_or_hold(opened(a_submission(narrative=text, source=SOURCE)))
    assert isinstance(outcome, Hold)
    assert {reason.rpartition(":")[2] for reason in outcome.reasons} == {"narrative"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jo Singh", "He was using his phone."),
        ("Jo Evans", "They moved the vans."),
        ("Steve Cole", "It was there last evening."),
        ("Norma Bell", "That is normal here."),
        ("Allen Bell", "Staff challenged him."),
    ],
)
def test_ordinary_words_that_happen_to_have_a_names_letters_hold_nothing(name: str, text: str) -> None:
    submission = a_submission(narrative=text, source={"kind": "person", "name": name})
    assert find_leaks(content_of(submission), protected_values(submission, an_agency())) == ()


@pytest.mark.parametrize("text", ["S i n g h saw it.", "Asked whatSinghsaw.", "Sin gh saw it.", "unsinghed"])
def test_a_name_that_is_parted_or_written_together_is_left_over(text: str) -> None:
    submission = a_submission(narrative=text, source={"kind": "person", "name": "Jo Singh"})
    found = find_leaks(content_of(submission), protected_values(submission, an_agency()))
    assert "Singh" in {item.value for item in found}


def test_a_name_that_falls_into_two_ordinary_words_is_left_over() -> None:
    submission = a_submission(narrative="The white house knows.", source={"kind": "person", "name": "Jo Whitehouse"})
    found = find_leaks(content_of(submission), protected_values(submission, an_agency()))
    assert {item.value for item in found} == {"Whitehouse"}


def test_a_subject_with_the_sources_name_is_for_a_person_to_judge() -> None:
    subjects = {"people": [{"name": "Lee Entwistle"}]}
    outcome = clear_or_hold(opened(a_submission(source=SOURCE, subjects=subjects)))
    assert outcome == Hold(("left_over:source.name.part:subjects.people.0.name",))


def test_a_submission_that_names_nobody_goes_onward() -> None:
    assert isinstance(clear_or_hold(opened()), Clear)


def test_a_failure_of_the_sanitiser_holds_the_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Margaret Entwistle")

    monkeypatch.setattr("sanitiser_service.worker.domain.sanitise", fail)
    assert clear_or_hold(opened()) == Hold(("failed:RuntimeError",))


UNREAD = SafetyHit(rule="unread.other_language", reason=SafetyReason.OTHER_LANGUAGE, path="title", start=0, end=9)


def test_what_is_not_in_english_is_held_whatever_else_is_found_in_it() -> None:
    content = opened().model_copy(update={"safety": (UNREAD,)})
    assert clear_or_hold(content) == Hold(("unread:other_language",))
    assert explain("unread:other_language") == "Part of this is not in English: no software has read it"
    named = opened(a_submission(narrative="Entwistles shop", source=SOURCE)).model_copy(update={"safety": (UNREAD,)})
    outcome = clear_or_hold(named)
    assert isinstance(outcome, Hold)
    assert outcome.reasons[0] == "unread:other_language"


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Zs", "Pd", "Po", "Nd", "Mn"]), min_size=1, max_size=40)


@settings(deadline=None, max_examples=300)
@given(name=NAMES, before=NAMES, after=NAMES, phone=st.text("0123456789 +-", max_size=20))
def test_no_name_goes_onward_unseen(name: str, before: str, after: str, phone: str) -> None:
    """For every name and every text around it, the name is replaced or the submission is held."""
    if not name.strip() or sum(map(str.isalnum, name)) < 2:
        return
    source = {"kind": "person", "name": name.strip()[:200], "phone": phone}
    text = f"{before} {name.strip()} {after}"
    try:
        submission: Submission = a_submission(narrative=text, source=source)
    except ValueError:
        return
    outcome = clear_or_hold(opened(submission))
    if isinstance(outcome, Clear):
        squeezed = "".join(filter(str.isalnum, outcome.content.narrative.casefold()))
        wanted = "".join(filter(str.isalnum, name.casefold()))
        surroundings = "".join(filter(str.isalnum, f"{before} {after}".casefold()))
        assert len(wanted) < 5 or wanted not in squeezed or wanted in surroundings


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=500).filter(str.strip))
def test_any_text_gets_an_outcome(text: str) -> None:
    try:
        submission = a_submission(narrative=text, title=text[:100], source=SOURCE)
    except ValueError:
        return
    outcome = clear_or_hold(opened(submission))
    assert not (isinstance(outcome, Hold) and outcome.reasons[0].startswith("failed"))


def test_every_text_of_the_form_is_looked_at() -> None:
    place = {"description": "by Margaret's gate"}
    subjects = {
        "people": [{"name": "Lee", "address": "next to Entwistle", "also_known_as": "L"}],
        "places": [place],
        "vehicles": [{"description": "Entwistle's van", "registration": "AB12 CDE"}],
        "phones": [{"number": "0113 496 0000", "note": "given by Margaret"}],
    }
    occurrence = {"place": "Entwistle's wall", "note": "Margaret saw"}
    submission = a_submission(source=SOURCE, subjects=subjects, occurrence=occurrence, title="Margaret")
    texts = texts_of(sanitise(submission, an_agency()).content)
    leaking = [path for path, text in texts.items() if "argaret" in text or "ntwistle" in text]
    assert leaking == []


def test_a_token_that_is_longer_than_what_it_replaces_fits_also_in_a_full_field() -> None:
    full = "Kath saw it ".ljust(200, "x")
    subjects = {
        "people": [{"name": "Lee", "address": full, "description": full}],
        "places": [{"description": full}],
        "vehicles": [{"description": full}],
        "phones": [{"number": "0113 496 0000", "note": full}],
    }
    occurrence = {"place": full, "note": full}
    source = {"kind": "person", "name": "Kath Wu"}
    submission = a_submission(source=source, subjects=subjects, occurrence=occurrence, title=full)
    texts = texts_of(sanitise(submission, an_agency()).content)
    assert sum(text.startswith("[SOURCE] saw it xx") and len(text) > 200 for text in texts.values()) == 8
