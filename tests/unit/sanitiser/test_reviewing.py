"""The review: each finding is decided by itself, and a person's own words count over the software's."""

import pytest

from pipeline_shared.submission import SealedContent
from sanitiser_service import reviewing
from sanitiser_service.reviewing import as_decided, mark_of, propose, rewritten, undecided
from sanitiser_service.sanitising import Band, Decision
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

    monkeypatch.setattr(reviewing, "sanitise", fail)
    opened_here = held()
    proposal = propose(opened_here)
    assert not proposal.was_read
    assert as_decided(opened_here.submission, proposal, {}).narrative == "[REMOVED]"


def test_only_a_text_that_differs_from_what_was_shown_was_written_anew() -> None:
    shown = {"narrative": mark_of("As it was"), "title": mark_of("A title")}
    assert rewritten({"narrative": "As it was ", "title": "Another", "unknown": "x"}, shown) == {"title": "Another"}
