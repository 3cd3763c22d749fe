"""The source desk in a real browser: a vetted person releases or keeps the submissions that the software held."""

from uuid import UUID

import pytest
from playwright.async_api import Locator

from tests.e2e.conftest import OpenWindow
from tests.support.browser import Window
from tests.support.intake import Frontend
from tests.support.journey import HIDDEN_SURNAME, Databases, case_of, hold_submission, open_case

OFFICER, REVIEWER, APPROVER = "Robin Ashdown", "Kit Harrowgill", "Ashby Fenwright"
REASON, RELEASE, KEEP = "Why do you decide so?", "Release to triage", "Keep it held"


async def row_of(window: Window, submission_ref: UUID) -> Locator:
    """Go through the pages of the list to a submission, and return its row."""
    row = window.page.locator(f"tr[data-held='{submission_ref}']")
    while not await row.count():
        await window.page.get_by_role("link", name="Next").click()
    return row


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_what_still_names_the_source_is_refused_and_once_it_is_taken_out_the_case_appears_in_triage(
    frontend: Frontend, databases: Databases, open_window: OpenWindow, *, script: bool
) -> None:
    receipt, submission_ref = await hold_submission(frontend, databases)
    window = await open_window("desk", REVIEWER, "/held", script=script)
    row = await row_of(window, submission_ref)
    assert "The source's name may still be in: narrative" in await row.inner_text()
    await row.get_by_role("link").click()
    narrative = window.page.get_by_label("Narrative: goes onward")
    assert HIDDEN_SURNAME in await window.text()
    assert HIDDEN_SURNAME in await narrative.input_value()
    assert "Margaret Entwistle" in await window.text()
    await narrative.fill("A van stood outside the E-n-t-w-i-s-t-l-e home.")
    await window.page.get_by_label(REASON).fill("Too few people know it.")
    assert await window.press(RELEASE) == 422
    problem = "Narrative still holds “Entwistle” (the source's name)"
    await window.page.get_by_role("link", name=problem).click()
    assert await narrative.input_value() == "A van stood outside the E-n-t-w-i-s-t-l-e home."
    assert await window.page.get_by_label(REASON).input_value() == "Too few people know it."
    await narrative.fill("A van stood outside a home in the street.")
    assert await window.press(RELEASE) == 303
    assert not await row.count()
    officer = await open_window("triage", OFFICER, f"/cases/{await case_of(databases, receipt)}", script=script)
    text = await officer.text()
    assert "A van stood outside a home in the street." in text
    assert "Entwistle" not in text


async def test_a_submission_that_is_kept_held_stays_on_the_list_and_needs_a_reason(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    _, submission_ref = await hold_submission(frontend, databases)
    window = await open_window("desk", APPROVER, f"/held/{submission_ref}")
    assert await window.press(KEEP) == 422
    await window.page.get_by_role("link", name="Enter why you decide so").click()
    assert await window.focused() == "reason"
    await window.page.get_by_label(REASON).fill("The source must agree first.")
    assert await window.press(KEEP) == 303
    assert "Kept held" in await (await row_of(window, submission_ref)).inner_text()


async def test_of_two_reviewers_the_second_is_told_that_it_was_decided(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    _, submission_ref = await hold_submission(frontend, databases)
    people = (REVIEWER, APPROVER)
    windows = [await open_window("desk", person, f"/held/{submission_ref}") for person in people]
    for window, status in zip(windows, (303, 409), strict=True):
        await window.page.get_by_label(REASON).fill("The source must agree first.")
        assert await window.press(KEEP) == status
    assert await windows[1].heading() == "Somebody else decided first"


async def test_each_desk_is_hidden_from_the_other_desks_people_who_can_still_sign_out(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    _, submission_ref = await hold_submission(frontend, databases)
    for service, person, paths in (
        ("triage", REVIEWER, ("/queue", f"/cases/{case_id}")),
        ("desk", OFFICER, ("/held", f"/held/{submission_ref}")),
    ):
        window = await open_window(service)
        await window.sign_in(person)
        for path in paths:
            assert await window.go(path) == 404
            assert await window.heading() == "Page not found"
        assert await window.press("Sign out") == 303
        assert await window.heading() == "You are signed out"
