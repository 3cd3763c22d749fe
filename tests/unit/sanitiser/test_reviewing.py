"""The review: each finding is decided singly, and a person's words replace those of the software."""

import pytest

from pipeline_shared.language.restricted import SealedContent
from sanitiser_service.desk.review import domain
from sanitiser_service.desk.review.domain import (
    as_decided,
    check_again,
    contradicting,
    mark_of,
    may_stay,
    propose,
    rewritten,
    undecided,
    words_left,
)
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.redaction import Decision
from tests.support.building import a_submission, opened

TEXT = "Mags told the housing officer. Lee Hargreaves has a van, 07700 900118 is Margaret Entwistle."


def held() -> SealedContent:
    return opened(a_submission(narrative=TEXT))


def test_proposals_and_flags_wait_for_a_person_and_what_is_sure_does_not() -> None:
    proposal = propose(held())
    assert {finding.band for finding in proposal.findings} >= {Band.AUTO, Band.PROPOSE}
    assert {finding.band for finding in proposal.to_decide} <= {Band.PROPOSE, Band.FLAG}
    assert undecided(proposal, {}) == proposal.to_decide
    assert undecided(proposal, {finding.key: Decision.REJECT for finding in proposal.to_decide}) == ()


def test_the_text_is_as_decided_so_far() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    nickname = next(finding for finding in proposal.to_decide if finding.rule.endswith("nickname"))
    assert "Mags" not in as_decided(opened_here.submission, proposal, {}).narrative
    left = as_decided(opened_here.submission, proposal, {nickname.key: Decision.REJECT})
    assert left.narrative.startswith("Mags")
    assert "Margaret Entwistle" not in left.narrative


def test_a_decision_about_no_finding_changes_nothing() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    made_up = {"narrative:0:99:source.name": Decision.REJECT}
    assert as_decided(opened_here.submission, proposal, made_up) == as_decided(opened_here.submission, proposal, {})


def test_nothing_of_a_text_that_could_not_be_read_goes_onward(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr(domain, "sanitise", fail)
    opened_here = held()
    proposal = propose(opened_here)
    assert not proposal.was_read
    assert as_decided(opened_here.submission, proposal, {}).narrative == "[REMOVED]"


def test_only_a_text_that_differs_from_what_was_shown_was_written_anew() -> None:
    shown = {"narrative": mark_of("As it was"), "title": mark_of("A title")}
    assert rewritten({"narrative": "As it was ", "title": "Another", "unknown": "x"}, shown) == {"title": "Another"}


@pytest.mark.parametrize("sent", ["One.\r\nTwo.\rThree.\n", "One.\nTwo.\nThree."])
def test_a_line_end_that_a_browser_sends_in_its_own_way_is_no_change(sent: str) -> None:
    assert rewritten({"narrative": sent}, {"narrative": mark_of("One.\r\nTwo.\nThree.")}) == {}


def test_a_text_written_anew_may_not_say_what_was_decided_to_be_taken_out() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    accepted = {finding.key: Decision.ACCEPT for finding in proposal.to_decide}
    typed = {"narrative": TEXT.replace("a van", "a grey van")}
    said = contradicting(opened_here.submission, proposal, accepted, typed)
    assert "Mags" in {one.words for one in said}
    assert contradicting(opened_here.submission, proposal, accepted, {"narrative": "Lee has a grey van."}) == ()
    rejected = {finding.key: Decision.REJECT for finding in proposal.to_decide}
    assert contradicting(opened_here.submission, proposal, rejected, typed) == ()


def test_what_a_person_types_is_matched_again_but_for_words_they_have_left() -> None:
    opened_here = held()
    proposal = propose(opened_here)
    typed = {"narrative": "Mags and Maggie have seen a van."}
    assert {one.words for one in check_again(opened_here, typed, frozenset())} == {"Mags", "Maggie"}
    nickname = next(finding for finding in proposal.to_decide if finding.rule.endswith("nickname"))
    left = words_left(opened_here.submission, proposal, {nickname.key: Decision.REJECT})
    assert {one.words for one in check_again(opened_here, typed, left)} == {"Maggie"}


def may_all_stay(narrative: str, source: dict[str, str], decision: Decision) -> bool:
    opened_here = opened(a_submission(narrative=narrative, source={"kind": "person", **source}))
    submission, proposal = opened_here.submission, propose(opened_here)
    decisions = {finding.key: decision for finding in proposal.to_decide}
    content = as_decided(submission, proposal, decisions)
    found = find_leaks(content, protected_values(submission, opened_here.agency))
    assert found
    return all(may_stay(item, texts_of(content_of(submission)), proposal, decisions) for item in found)


def test_ordinary_words_and_roles_may_be_left_by_a_person_and_a_name_never() -> None:
    assert may_all_stay("It was a White van that stood there.", {"name": "Ellen White"}, Decision.REJECT)
    assert may_all_stay("The manager of the car wash.", {"name": "Ellen White", "role": "manager"}, Decision.REJECT)
    assert not may_all_stay("Ellen saw the van.", {"name": "Ellen White"}, Decision.REJECT)
    assert not may_all_stay("They all saw White there.", {"name": "Ellen White"}, Decision.REJECT)
