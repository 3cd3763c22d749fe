"""The form of a decision: it becomes a verdict, or a list of missing parts."""

import pytest

from pipeline_shared.web.errors import FormError
from triage_service.cases.decision import Outcome, ReasonCode, Verdict
from triage_service.cases.decision_form import read_verdict
from triage_service.rules.recommendation import Route

WHOLE = {"version": "3", "outcome": "record"}


def test_a_whole_form_is_a_verdict() -> None:
    assert read_verdict(WHOLE, "Necessary") == Verdict(3, Outcome.RECORD, "Necessary")


def test_fields_of_the_outcomes_that_were_not_chosen_do_not_count() -> None:
    stray = {**WHOLE, "route": "mash", "reason_code": "not_timely"}
    assert read_verdict(stray, "Necessary") == Verdict(3, Outcome.RECORD, "Necessary")
    passed_on = read_verdict({**stray, "outcome": "other_route"}, "Necessary")
    assert passed_on == Verdict(3, Outcome.OTHER_ROUTE, "Necessary", route=Route.MASH)
    not_recorded = read_verdict({**stray, "outcome": "not_record"}, "Necessary")
    assert not_recorded == Verdict(3, Outcome.NOT_RECORD, "Necessary", reason_code=ReasonCode.NOT_TIMELY)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"outcome": ""}, ["outcome"]),
        ({"outcome": "burn"}, ["outcome"]),
        ({"outcome": "other_route"}, ["route"]),
        ({"outcome": "other_route", "route": "moon"}, ["route"]),
        ({"outcome": "not_record"}, ["reason_code"]),
    ],
)
def test_what_is_missing_is_named_by_its_field(changes: dict[str, str], fields: list[str]) -> None:
    errors = read_verdict({**WHOLE, **changes}, "Necessary")
    assert isinstance(errors, list)
    assert [error.field for error in errors] == fields
    assert all(isinstance(error, FormError) and error.text for error in errors)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "١"])
def test_a_version_that_is_no_version_is_nobodys(version: str) -> None:
    made = read_verdict({**WHOLE, "version": version}, "Necessary")
    assert isinstance(made, Verdict)
    assert made.version == 0
