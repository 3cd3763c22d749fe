"""The decision form: turns the typed fields into a verdict or a list of errors, and keeps the typed text."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from pipeline_shared.web.errors import FormError
from pipeline_shared.web.forms import whole_number
from triage_service.cases.decision import Outcome, ReasonCode, Verdict
from triage_service.rules.recommendation import Route

Chosen = TypeVar("Chosen", bound=StrEnum)


def read_verdict(form: Mapping[str, str], reason: str) -> Verdict | list[FormError]:
    """Return the verdict in a form, or the errors of everything but its reason, which was checked before."""
    outcome = _chosen(Outcome, form, "outcome")
    route = _chosen(Route, form, "route") if outcome is Outcome.OTHER_ROUTE else None
    reason_code = _chosen(ReasonCode, form, "reason_code") if outcome is Outcome.NOT_RECORD else None
    errors: list[FormError] = []
    if outcome is None:
        errors.append(FormError("outcome", "Choose what happens to this case"))
    if outcome is Outcome.OTHER_ROUTE and route is None:
        errors.append(FormError("route", "Choose where this case goes"))
    if outcome is Outcome.NOT_RECORD and reason_code is None:
        errors.append(FormError("reason_code", "Choose why this case is not recorded"))
    if outcome is None or errors:
        return errors
    # An unreadable version matches no version of a case, so the form counts as stale.
    return Verdict(whole_number(form.get("version", ""), otherwise=0), outcome, reason, route, reason_code)


def _chosen(choices: type[Chosen], form: Mapping[str, str], name: str) -> Chosen | None:
    value = form.get(name, "")
    return choices(value) if value in list(choices) else None
