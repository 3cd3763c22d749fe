"""The made-up submissions are valid, the same for the same seed, and flawed only where this is intended."""

import re
from collections import Counter
from itertools import islice

import orjson

from pipeline_shared.language.restricted import Agency, SealedContent, Submission
from pipeline_simulators.fiction.submissions import AGENCIES, Flaw, MadeUp, made_up_submissions
from pipeline_simulators.fiction.words import FIRST, LAST, SOURCE_FIRST, SOURCE_LAST
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.worker.domain import Hold, clear_or_hold
from tests.support.building import NOW, opened
from triage_service.rules.facts import facts_of
from triage_service.rules.table_file import load_rules

SAMPLE = list(made_up_submissions(1500, seed=11))
HELD_ON_PURPOSE = {Flaw.HIDDEN_SURNAME, Flaw.SHARED_SURNAME}


def parsed(made_up: MadeUp) -> Submission:
    return Submission.model_validate_json(orjson.dumps(made_up.form), strict=True)


def as_opened(made_up: MadeUp) -> SealedContent:
    agency = Agency(name=made_up.agency.name, category=made_up.agency.category)
    return opened().model_copy(update={"submission": parsed(made_up), "agency": agency, "received_at": NOW})


def test_the_same_seed_makes_the_same_submissions_whatever_their_number() -> None:
    assert list(islice(made_up_submissions(1000, seed=11), 20)) == list(made_up_submissions(20, seed=11)) == SAMPLE[:20]
    assert list(made_up_submissions(20, seed=12)) != SAMPLE[:20]


def test_every_submission_meets_the_form_and_the_agencies_take_turns() -> None:
    assert all(parsed(made_up) for made_up in SAMPLE)
    assert [made_up.agency for made_up in SAMPLE[:3]] == list(AGENCIES)


def test_texts_differ() -> None:
    assert len({made_up.form["narrative"] for made_up in SAMPLE}) > 0.95 * len(SAMPLE)


def test_flaws_come_as_often_as_they_are_meant_to() -> None:
    shares = {flaw: number / len(SAMPLE) for flaw, number in Counter(made_up.flaw for made_up in SAMPLE).items()}
    assert 0.03 < shares[Flaw.NAMES_SOURCE] < 0.07
    assert 0.02 < shares[Flaw.HIDDEN_SURNAME] + shares[Flaw.SHARED_SURNAME] < 0.045


def test_those_are_held_that_are_meant_to_be_and_those_that_speak_of_the_source_may_be() -> None:
    for made_up in SAMPLE:
        held = isinstance(clear_or_hold(as_opened(made_up)), Hold)
        assert held == (made_up.flaw in HELD_ON_PURPOSE) or made_up.flaw is Flaw.NAMES_SOURCE, made_up.form["narrative"]


def test_a_text_that_names_the_source_gives_the_sanitiser_work_and_others_do_not() -> None:
    for made_up in SAMPLE:
        content = as_opened(made_up)
        findings = sanitise(content.submission, content.agency).findings
        assert bool(findings) == (made_up.flaw is Flaw.NAMES_SOURCE) or made_up.flaw is Flaw.SHARED_SURNAME


def test_most_of_the_rules_fire() -> None:
    rules = load_rules()
    fired: Counter[str] = Counter()
    for made_up in SAMPLE:
        content = as_opened(made_up)
        facts = facts_of(sanitise(content.submission, content.agency).content, made_up.agency.category)
        fired[rules.recommend(facts).fired.id] += 1
    assert len(fired) >= 12
    assert max(fired.values()) < len(SAMPLE) / 2


def test_nobody_can_be_reached_and_sources_share_no_name_with_subjects() -> None:
    text = orjson.dumps([made_up.form for made_up in SAMPLE]).decode()
    assert set(re.findall(r"07\d{3} \d{3}", text)) == {"07700 900"}
    assert set(re.findall(r"0113 \d{3} \d", text)) == {"0113 496 0"}
    assert all(mail.endswith(".example.org") for mail in re.findall(r"[\w.]+@([\w.]+)", text))
    assert not {*SOURCE_FIRST, *SOURCE_LAST} & {*FIRST, *LAST}
