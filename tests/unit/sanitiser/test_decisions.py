"""A person decides every uncertain finding: the decisions make the text, and none may be missing."""

import pytest

from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.redaction import Decision, UndecidedError, decide
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import an_agency
from tests.unit.sanitiser.matched import submitted


def test_decisions_make_the_text() -> None:
    submission = submitted("It was Shiv who rang 07700 900118.")
    findings = sanitise(submission, an_agency()).findings
    wanted = {finding.key: Decision.ACCEPT for finding in findings if finding.band is not Band.AUTO}
    accepted = decide(submission, findings, wanted).narrative
    rejected = decide(submission, findings, dict.fromkeys(wanted, Decision.REJECT)).narrative
    assert "Shiv" not in accepted
    assert rejected == "It was Shiv who rang [SOURCE CONTACT]."


def test_one_undecided_finding_or_one_unknown_decision_is_refused() -> None:
    submission = submitted("It was Shiv who rang.")
    findings = sanitise(submission, an_agency()).findings
    wanted = {finding.key: Decision.REJECT for finding in findings}
    for decisions in ({}, dict(list(wanted.items())[1:]), wanted | {"narrative:0:1:x": Decision.ACCEPT}):
        with pytest.raises(UndecidedError):
            decide(submission, findings, decisions)
