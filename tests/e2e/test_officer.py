"""An officer at the desk in a real browser, from the queue to the police reference."""

import asyncio

import pytest

from tests.e2e.conftest import OpenWindow
from tests.support.intake import Frontend
from tests.support.journey import Databases, case_of, open_case, submit
from tests.support.waiting import wait_for

OFFICER, OTHER_OFFICER = "Robin Ashdown", "Jas Thorncliffe"
WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@WITH_AND_WITHOUT_SCRIPT
async def test_an_officer_finds_a_case_in_the_queue_records_it_and_sees_the_police_reference(
    frontend: Frontend, databases: Databases, open_window: OpenWindow, *, script: bool
) -> None:
    title = f"Leaflets in the stairwell, {'blue' if script else 'green'} ones"
    risk = {"immediate_danger": "yes"}
    await open_case(frontend, databases, title=title, category="terrorism", risk=risk)
    window = await open_window("triage", OFFICER, "/queue", script=script)
    link, page = window.page.get_by_role("link", name=title), 1
    while not await link.count():  # other tests have left cases of the same priority
        page += 1
        assert await window.go(f"/queue?page={page}") == 200
    await link.click()
    assert await window.heading() == title
    assert await window.decide("Record as intelligence", "Necessary to protect life.") == 303
    assert await window.mark("state") in {"recorded", "transferred"}
    reference = await window.wait_for_reference()
    text = await window.text()
    assert f"Held by the police records system: {reference}" in text
    for line in (
        "Reason\tNecessary to protect life.",
        "Decided by\tRobin Ashdown",
        "The rules recommended\tPass to another route: Prevent and counter-terrorism (TERROR-NOW)",
        f"Police reference\t{reference}",
    ):
        assert line in text
    assert not await window.page.get_by_role("button", name="Save decision").count()


async def test_a_case_shows_its_text_its_subjects_and_why_the_rules_recommend_what_they_do(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    people = [{"name": "Lee Hargreaves", "approximate_age": 34, "tags": ["suspect"]}]
    subjects = {"people": people, "vehicles": [{"registration": "YK21 PLO", "description": "white Golf"}]}
    case_id = await open_case(frontend, databases, subjects=subjects, risk={"weapon": "yes"})
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    await window.page.get_by_text("Rows that nearly match").click()
    text = await window.text()
    for line in (
        "has visitors for a minute each until three in the morning",
        "about 34 years old",
        "YK21 PLO",
        "A weapon and somebody or somewhere to look (WEAPON)",  # fired
        "Drug supply that can be acted on (DRUGS-SUPPLY)",  # also matched
        "needs immediate danger to be yes; here it is not known",  # nearly matched
        "Table of rules 2026-",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("outcome", "detail", "state", "shown"),
    [
        ("Do not record", "It is out of date", "not_recorded", "Do not record: it is out of date"),
        ("Pass to another route", "Safeguarding hub (MASH)", "passed_on", "Pass to another route: Safeguarding hub"),
    ],
)
@WITH_AND_WITHOUT_SCRIPT
async def test_another_outcome_needs_its_detail_and_asks_for_it_where_it_is_chosen(
    frontend: Frontend,
    databases: Databases,
    open_window: OpenWindow,
    *,
    outcome: str,
    detail: str,
    state: str,
    shown: str,
    script: bool,
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}", script=script)
    choice = window.page.get_by_label(detail)
    assert not await choice.is_visible()
    assert await window.decide(outcome, "Ten years old.") == 422
    assert await choice.is_visible()
    await choice.check()
    assert await window.press("Save decision") == 303
    assert await window.mark("state") == state
    assert shown in await window.text()
    assert "Ten years old." in await window.text()


async def test_a_missing_reason_is_linked_from_the_summary_and_what_was_chosen_is_kept(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    assert await window.decide("Do not record", "", "It is out of date") == 422
    assert (await window.page.title()).startswith("Error: ")
    assert (await window.focused()).startswith("There is a problem")
    await window.page.get_by_role("link", name="Enter the reason for your decision").click()
    assert await window.focused() == "reason"
    assert await window.page.get_by_label("Do not record").is_checked()
    assert await window.page.get_by_label("It is out of date").is_checked()


async def test_a_typed_reason_is_kept_when_the_outcome_is_missing(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    typed = 'Two lines\nand "quotes" & </textarea><b>marks</b>'
    await window.page.get_by_label("Reason", exact=True).fill(typed)
    assert await window.press("Save decision") == 422
    assert await window.page.get_by_label("Reason", exact=True).input_value() == typed
    await window.page.get_by_role("link", name="Choose what happens to this case").click()
    assert await window.focused() == "outcome"


async def test_of_two_officers_at_once_one_decides_and_the_other_sees_the_decision_that_counts(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    names = (OFFICER, OTHER_OFFICER)
    windows = [await open_window("triage", name, f"/cases/{case_id}") for name in names]
    statuses = await asyncio.gather(
        *(w.decide("Record as intelligence", f"Reason of {name}.") for w, name in zip(windows, names, strict=True))
    )
    assert sorted(statuses) == [303, 409]
    second = statuses.index(409)
    assert await windows[second].heading() == "This case has already been decided"
    text = await windows[second].text()
    assert f"Reason\tReason of {names[1 - second]}." in text
    assert f"Decided by\t{names[1 - second]}" in text
    assert f"What you had typed\nReason of {names[second]}." in text


async def test_a_decided_case_moves_to_the_decided_ones(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    title = "Graffiti on a wall by the canal"
    case_id = await open_case(frontend, databases, title=title)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    await window.decide("Do not record", "Nothing to act on.", "The intrusion is not proportionate")
    await window.page.get_by_role("link", name="Back to the queue").click()
    await window.page.get_by_role("link", name="Decided (").click()
    row = window.page.get_by_role("row").filter(has_text=title)
    assert "by Robin Ashdown" in await row.inner_text()


async def test_who_signed_out_must_sign_in_again_and_returns_to_the_page_they_wanted(open_window: OpenWindow) -> None:
    window = await open_window("triage")
    await window.sign_in(OFFICER, "/queue")
    assert await window.press("Sign out") == 303
    assert await window.heading() == "You are signed out"
    await window.sign_in(OTHER_OFFICER, "/queue?state=decided")
    assert await window.heading() == "Decided cases"
    assert OTHER_OFFICER in await window.page.locator("body").inner_text()


async def test_the_submitter_learns_only_that_it_was_passed_on(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    receipt = await submit(frontend, category="child_exploitation", risk={"child_at_risk": "yes"})
    window = await open_window("triage", OFFICER, f"/cases/{await case_of(databases, receipt)}")
    await window.decide("Pass to another route", "A child is at risk.", "Safeguarding hub (MASH)")

    async def is_told() -> bool:
        return await frontend.status(receipt) == "passed_to_another_route"

    await wait_for(is_told, "intake to tell so")
