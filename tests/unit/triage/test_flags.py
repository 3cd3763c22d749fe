"""Safety flags are open until an officer acknowledges them, and overdue after the time limit."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from pipeline_shared.language.events import SafetyFlagged, SafetyPreview
from pipeline_shared.language.vocabulary import Priority, SafetyReason
from tests.support.building import NOW
from tests.unit.triage.builders import sanitised
from triage_service.flags import pages
from triage_service.flags.domain import OVERDUE_AFTER, SafetyFlag, open_flag
from triage_service.rules.facts import facts_of
from triage_service.rules.recommendation import raised
from triage_service.rules.table_file import load_rules
from triage_service.wording import SAFETY_REASONS

MINUTE = timedelta(minutes=1)


def a_flag(*, is_previewed: bool = True, **preview: object) -> SafetyFlag:
    flag = open_flag(
        SafetyFlagged(
            event_id=UUID(int=1),
            occurred_at=NOW,
            flag_id=UUID(int=2),
            reasons=(SafetyReason.WEAPON, SafetyReason.IMMINENT),
            preview=SafetyPreview.model_validate(preview),
        )
    )
    return replace(flag, is_previewed=is_previewed)


def test_a_flag_is_overdue_when_nobody_has_taken_it_on_for_too_long() -> None:
    assert not a_flag().is_overdue(NOW + OVERDUE_AFTER)
    assert a_flag().is_overdue(NOW + OVERDUE_AFTER + MINUTE)


def test_an_officer_reads_why_and_what_is_withheld() -> None:
    page = pages.flag_page(a_flag(withheld=("phrases",)), now=NOW + MINUTE, name_of=str)
    assert page.reasons == "Weapon, danger at any moment"
    assert page.age == "1 minute"
    assert page.withheld == ["The words that were matched are left out: they could say who spoke."]


def test_until_the_preview_has_come_an_officer_reads_that_it_follows_and_not_that_it_is_withheld() -> None:
    choices = a_flag(is_previewed=False, withheld=("phrases", "subjects", "district"))
    assert pages.flag_page(choices, now=NOW, name_of=str).withheld == [pages.PREVIEW_DUE]
    unopened = a_flag(is_previewed=False, withheld=("everything",))
    assert pages.flag_page(unopened, now=NOW, name_of=str).withheld == [pages.WITHHELD["everything"]]


def test_every_field_that_can_be_withheld_has_its_sentence() -> None:
    fields = set(SafetyPreview.model_fields) - {"category", "agency_category", "risk", "withheld"}
    assert set(pages.WITHHELD) == fields | {"everything"}


def test_every_reason_has_its_label() -> None:
    assert all(reason in SAFETY_REASONS for reason in SafetyReason)


@pytest.mark.parametrize("safety", [(), (SafetyReason.CHILD_AT_RISK,)])
def test_what_the_safety_screen_found_makes_a_case_immediate_and_says_so(safety: tuple[SafetyReason, ...]) -> None:
    event = sanitised()
    advice = load_rules().recommend(facts_of(event.content, event.agency_category))
    case_advice = raised(advice, safety)
    assert case_advice.raised_by == safety
    assert (case_advice.priority is Priority.IMMEDIATE) == bool(safety or advice.priority is Priority.IMMEDIATE)
    assert case_advice.outcome is advice.outcome
