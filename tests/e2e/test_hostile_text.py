"""Text from partners is shown as text: it never runs, never loads anything, and never reorders the page around it."""

from typing import Any

import pytest

from pipeline_local.stack import LocalStack
from tests.e2e.conftest import OpenWindow
from tests.support.intake import Frontend
from tests.support.journey import Databases, flag_of, hold_submission, open_reviewed_case, submit
from tests.support.web import web_session

OFFICER, REVIEWER = "Robin Ashdown", "Kit Harrowgill"
SCRIPT = "<script>document.title = 'taken over'</script>"
IMAGE = "<img src=x onerror=\"document.title = 'taken over'\">"
TEXT = f"{SCRIPT}{IMAGE} at the bridge"
RIGHT_TO_LEFT = "gnp.\u202egpj.exe\u200b\u2066 and on"
OTHERS_ARE_DEALT_WITH = (
    "UPDATE safety_flag SET acknowledged_by = 'person:test', acknowledged_at = now() WHERE acknowledged_at IS NULL"
)
ISOLATED = "element => getComputedStyle(element.closest('bdi')).unicodeBidi"


def hostile(**changes: Any) -> dict[str, Any]:
    subjects = {"people": [{"name": f"Lee {IMAGE}"}], "places": [{"description": SCRIPT}]}
    return {"title": f"Van {SCRIPT}", "narrative": TEXT, "subjects": subjects, **changes}


async def test_marks_in_a_submission_are_text_in_triage_and_at_the_police(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_reviewed_case(pipeline, frontend, databases, **hostile())
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    text = await window.text()
    assert all(part in text for part in (TEXT, f"Lee {IMAGE}", f"Van {SCRIPT}"))
    assert await window.page.locator("main script, main img").count() == 0
    assert await window.page.title() == f"Van {SCRIPT} – Triage – OFFICIAL"
    await window.decide("Record as intelligence", f"Necessary {SCRIPT}")
    await window.wait_for_reference()
    assert f"Necessary {SCRIPT}" in await window.text()
    police = await open_window("police")
    await police.page.get_by_text(f"Van {SCRIPT}").first.click()
    assert await police.page.locator("main script, main img").count() == 0
    assert await police.page.title() == "Police records (simulated): OFFICIAL"


async def test_marks_in_a_held_submission_are_text_also_in_its_fields(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    narrative = f"theEntwistlehousehold </textarea>{SCRIPT}"
    source = {"kind": "person", "name": "<b>Margaret</b> Entwistle"}
    _, submission_ref = await hold_submission(frontend, databases, **hostile(narrative=narrative, source=source))
    window = await open_window("desk", REVIEWER, f"/held/{submission_ref}")
    assert "<b>Margaret</b> Entwistle" in await window.text()
    assert f"</textarea>{SCRIPT}" in await window.page.get_by_label("Narrative: goes onward").input_value()
    assert await window.page.locator("main script, main img").count() == 0
    assert await window.page.title() == "Review a held submission – Source desk – OFFICIAL-SENSITIVE"


async def test_text_that_turns_the_direction_is_isolated_wherever_it_stands(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    subjects = {"people": [{"name": RIGHT_TO_LEFT, "address": RIGHT_TO_LEFT}]}
    case_id = await open_reviewed_case(
        pipeline, frontend, databases, title=RIGHT_TO_LEFT, narrative=RIGHT_TO_LEFT, subjects=subjects
    )
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    shown = window.page.locator("main").get_by_text("gnp.")
    assert await shown.count() == 4
    for element in await shown.all():
        assert await element.evaluate(ISOLATED) in {"isolate", "isolate-override", "plaintext"}


async def test_a_word_without_end_does_not_widen_the_page(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    word = "verylongword" * 14
    subjects = {"people": [{"name": word, "address": word, "description": word}], "phones": [{"number": "0" * 40}]}
    case_id = await open_reviewed_case(pipeline, frontend, databases, title=word, subjects=subjects)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    assert await window.look("case long words") == []
    await window.go("/queue?page=9")
    assert await window.look("queue long words") == []


@pytest.mark.parametrize(
    ("service", "path"),
    [("triage", "/signed-out"), ("triage", "/nowhere"), ("desk", "/signed-out"), ("desk", "/sign-in/callback")],
)
async def test_every_page_forbids_foreign_and_inline_script(pipeline: LocalStack, service: str, path: str) -> None:
    async with web_session() as session, session.get(pipeline.address(service) + path) as answer:
        parts = answer.headers["content-security-policy"].split("; ")
        policy = {name: value for name, _, value in (part.partition(" ") for part in parts)}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'self' 'nonce-")
    assert "unsafe" not in " ".join(policy.values())
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_script_that_gets_into_a_page_all_the_same_does_not_run(open_window: OpenWindow) -> None:
    window = await open_window("triage", OFFICER, "/queue")
    title = await window.page.title()
    async with window.page.expect_response("**/x"):  # the picture was requested and is missing: its onerror is due
        await window.page.evaluate("html => { document.querySelector('main').innerHTML = html }", IMAGE)
    await window.page.evaluate(
        "code => document.head.append(Object.assign(document.createElement('script'), { textContent: code }))",
        "document.title = 'taken over'",
    )
    assert await window.page.title() == title
    assert any("Content Security Policy" in complaint for complaint in window.complaints)
    window.complaints.clear()


async def test_marks_in_a_high_submission_are_masked_also_when_the_list_of_flags_refreshes_itself(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    await databases["triage"].execute(OTHERS_ARE_DEALT_WITH)  # otherwise ten older flags of other tests fill the list
    window = await open_window("triage", OFFICER, "/queue")
    danger = f"He has a knife {IMAGE} and will stab her tonight {SCRIPT}, he said."
    receipt = await submit(
        frontend, title=f"Knife {IMAGE}", narrative=danger, subjects={"people": [{"name": f"Kim {IMAGE}"}]}
    )
    flag_id = await flag_of(databases, receipt)
    await window.page.locator(f'#flags a[href="/flags/{flag_id}"]').wait_for()
    assert await window.page.locator("main script, main img").count() == 0
    await window.go(f"/flags/{flag_id}")
    assert "Kim" not in await window.text()  # only a plain name would be shown as a name
    assert await window.page.locator("main script, main img").count() == 0
