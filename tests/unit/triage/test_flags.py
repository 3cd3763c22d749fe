"""Safety flags are open until an officer acknowledges them; those that ring are overdue after the time limit."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from pipeline_shared.language.events import FlagLevel, SafetyFlagged, SafetyPreview
from pipeline_shared.language.vocabulary import Priority, SafetyLevel, SafetyReason
from tests.support.building import NOW
from tests.unit.triage.builders import sanitised
from tests.unit.triage.test_pages import html
from triage_service.flags import pages
from triage_service.flags.domain import OVERDUE_AFTER, FlagCount, FlagList, SafetyFlag, open_flag
from triage_service.rules.facts import facts_of
from triage_service.rules.recommendation import raised
from triage_service.rules.table_file import load_rules
from triage_service.wording import SAFETY_REASONS

MINUTE = timedelta(minutes=1)


def a_flag(level: FlagLevel = SafetyLevel.NOW, *, is_previewed: bool = True, **preview: object) -> SafetyFlag:
    flag = open_flag(
        SafetyFlagged(
            event_id=UUID(int=1),
            occurred_at=NOW,
            flag_id=UUID(int=2),
            level=level,
            reasons=(SafetyReason.WEAPON, SafetyReason.IMMINENT),
            model="screen-7",
            preview=SafetyPreview.model_validate(preview),
        )
    )
    return replace(flag, is_previewed=is_previewed)


def flag_html(flag: SafetyFlag, now: datetime = NOW) -> str:
    return html("flags/flag.html", page=pages.flag_page(flag, now=now, name_of=str), form={})


def test_a_flag_is_overdue_when_nobody_has_taken_it_on_for_too_long() -> None:
    assert not a_flag().is_overdue(NOW + OVERDUE_AFTER)
    assert a_flag().is_overdue(NOW + OVERDUE_AFTER + MINUTE)


def test_a_flag_to_look_at_soon_has_no_clock() -> None:
    soon = a_flag(SafetyLevel.SOON)
    assert not soon.is_overdue(NOW + timedelta(days=9))
    page = flag_html(soon, now=NOW + timedelta(hours=9))
    assert "Overdue" not in page
    assert "Look soon" in page
    assert "It rings nobody" in page
    assert "Overdue" in flag_html(a_flag(), now=NOW + timedelta(hours=9))


def test_an_officer_reads_which_reason_and_which_words_and_in_the_details_which_model() -> None:
    page = flag_html(a_flag(phrases=("has a knife",), risk={"child_at_risk": "yes"}))
    assert "The safety screen gives as its reason: weapon, danger at any moment." in page
    assert "The form answers “yes” to: Is a child at risk?" in page
    assert "has a knife" in page
    assert "Version of its model: screen-7." in page


def test_lists_never_mix_the_levels() -> None:
    flags = [replace(a_flag(level), flag_id=uuid4()) for level in (SafetyLevel.SOON, SafetyLevel.NOW, SafetyLevel.SOON)]
    counts: dict[FlagLevel, FlagCount] = {SafetyLevel.NOW: FlagCount(1), SafetyLevel.SOON: FlagCount(2)}
    listed = pages.flags_page(FlagList(flags, counts), now=NOW, name_of=str)
    page = html("flags/list.html", flags=listed)
    now, soon = page.split('id="flags-soon"')
    shown = [re.findall(r'<tr[^>]* data-flag="([^"]+)"', part) for part in (now, soon)]
    assert shown == [[str(flags[1].flag_id)], [str(flags[0].flag_id), str(flags[2].flag_id)]]
    assert "aria-live" in now
    assert "aria-live" not in soon
    assert "Look soon: 2 waiting for an officer" in soon


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


@pytest.mark.parametrize(
    ("level", "by_rules", "priority"),
    [
        (SafetyLevel.NOW, Priority.LOW, Priority.IMMEDIATE),
        (SafetyLevel.SOON, Priority.LOW, Priority.HIGH),
        (SafetyLevel.SOON, Priority.IMMEDIATE, Priority.IMMEDIATE),
        (SafetyLevel.ORDINARY, Priority.LOW, Priority.LOW),
    ],
)
def test_the_level_raises_the_priority_of_a_case_and_says_why(
    level: SafetyLevel, by_rules: Priority, priority: Priority
) -> None:
    event, why = sanitised(), (SafetyReason.CHILD_AT_RISK,)
    advice = replace(load_rules().recommend(facts_of(event.content, event.agency_category)), priority=by_rules)
    case_advice = raised(advice, level, why)
    assert (case_advice.priority, case_advice.safety_level, case_advice.raised_by) == (priority, level, why)
    assert case_advice.outcome is advice.outcome


def test_advice_from_before_there_were_levels_says_now_when_the_screen_gave_a_reason() -> None:
    event = sanitised()
    advice = load_rules().recommend(facts_of(event.content, event.agency_category))
    assert advice.safety_level is SafetyLevel.ORDINARY
    assert replace(advice, raised_by=(SafetyReason.WEAPON,)).safety_level is SafetyLevel.NOW
