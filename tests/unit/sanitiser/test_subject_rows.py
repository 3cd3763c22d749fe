"""Rows of subjects are read like every text; names and numbers of subjects are flagged there and never rewritten."""

from typing import Any

import pytest

from sanitiser_service.desk.review.domain import as_answered, propose
from sanitiser_service.matcher.findings import Band
from sanitiser_service.worker.domain import Clear, Hold, clear_or_hold
from tests.support.building import opened
from tests.unit.sanitiser.answered import taking_out
from tests.unit.sanitiser.builders import with_rows


def person(**fields: Any) -> dict[str, Any]:
    return {"people": [{"name": "Lee Hargreaves", **fields}]}


@pytest.mark.parametrize(
    "rows",
    [
        person(description="I am his mum and he lives with me"),
        person(description="the caller's son; she told me in confidence at my clinic"),
        person(description="pupil of the dinner supervisor"),
        person(address="next door to me, opposite the dinner lady"),
        person(name="Lee Hargreaves (my ex husband)"),
        person(also_known_as="Kath's lad"),
        person(also_known_as="Wolstenholm's nephew"),
        {"places": [{"description": "the flat I clean on Tuesdays"}]},
        {"phones": [{"number": "07700 900123", "note": "his sister gave me this number when I visited her"}]},
        {"phones": [{"number": "o7700 9oo46l"}]},
        {"vehicles": [{"description": "parked across my drive"}]},
        {"vehicles": [{"registration": "next to mine"}]},
    ],
)
def test_a_row_that_tells_who_spoke_holds_the_submission(rows: dict[str, Any]) -> None:
    outcome = clear_or_hold(opened(with_rows(**rows)))
    assert isinstance(outcome, Hold)
    assert any(":subjects." in reason for reason in outcome.reasons)


def test_rows_that_only_describe_let_a_submission_go_onward() -> None:
    rows = {
        "people": [{"name": "Lee Hargreaves", "also_known_as": "Big D", "description": "tattoo on the left hand"}],
        "vehicles": [{"registration": "YB10 DPL", "description": "white Volkswagen Golf"}],
        "phones": [{"number": "07700 900788", "note": "seen on a screen"}],
        "places": [{"description": "31 Garnet Street, Hexley", "postcode": "XQ1 4DJ"}],
    }
    assert isinstance(clear_or_hold(opened(with_rows(**rows))), Clear)


@pytest.mark.parametrize("name", ["Katherine Wolstenholme", "Katherin Wolstenhome", "Lee (Kath's lad)"])
def test_what_names_a_subject_is_pointed_at_and_stays_until_a_person_decides(name: str) -> None:
    submission = with_rows(**person(name=name))
    proposal = propose(opened(submission))
    found = [finding for finding in proposal.findings if finding.path == "subjects.people.0.name"]
    assert found
    assert {(finding.band, finding.token) for finding in found} == {(Band.FLAG, "")}
    assert as_answered(submission, proposal, {}).subjects.people[0].name == name
    accepted = as_answered(submission, proposal, taking_out(proposal.questions))
    assert "[REMOVED]" in accepted.subjects.people[0].name
