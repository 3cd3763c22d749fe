"""Every page, in good order and in each error state: axe-core checks WCAG 2.2 AA, on a wide and on a narrow window.

PIPELINE_TEST_SCREENSHOTS=FOLDER takes a picture of each page too.
"""

from uuid import uuid4

from pipeline_local.frontends import load_frontends
from pipeline_local.stack import LocalStack
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_simulators.feed import Pace, feed
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.outgoing import outgoing_of
from tests.e2e.conftest import OpenWindow
from tests.support.building import a_submission
from tests.support.flags import flag_of as flag_of_submission
from tests.support.flags import preview_of_flag
from tests.support.intake import Frontend
from tests.support.journey import Databases, case_of, flag_of, hold_submission, open_case, submit
from tests.support.levels import accept, hit_on, screened
from tests.support.waiting import wait_for

OFFICER, OTHER_OFFICER, REVIEWER = "Robin Ashdown", "Jas Thorncliffe", "Kit Harrowgill"
SUPERVISOR, OTHER_SUPERVISOR = "Morgan Eldwick", "Sandy Hartwell"
MANY = 60
KNIFE = "Lee Hargreaves has a knife in the car that stands at 31 Garnet Street."
DANGER = "He has a knife and says he will stab her tonight when she comes home."
WAITING = "SELECT count(*) > $1 FROM triage_case WHERE state = 'waiting'"


async def test_signing_in_is_accessible_also_when_nobody_was_chosen(open_window: OpenWindow) -> None:
    window = await open_window("triage")
    assert await window.look("sign-in") == []
    assert await window.press("Sign in") == 422
    assert await window.look("sign-in error") == []


async def test_a_full_queue_and_its_decided_cases_are_accessible(
    pipeline: LocalStack, databases: Databases, open_window: OpenWindow
) -> None:
    await _feed_many(pipeline, databases)
    window = await open_window("triage", OFFICER, "/queue")
    assert await window.look("queue") == []
    await window.go("/queue?state=decided")
    assert await window.look("queue decided") == []


async def _feed_many(pipeline: LocalStack, databases: Databases) -> None:
    api_keys = await load_frontends(pipeline.home, pipeline.installation())
    await feed(pipeline.address("intake"), outgoing_of(made_up_submissions(MANY, seed=7), api_keys), pace=Pace())

    async def is_long() -> bool:
        return bool(await databases["triage"].fetchval(WAITING, MANY // 2))

    await wait_for(is_long, "a long queue")


async def test_a_case_is_accessible_while_it_waits_when_something_is_missing_and_once_it_is_decided(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    late = await open_window("triage", OTHER_OFFICER, f"/cases/{case_id}")
    assert await window.look("case waiting") == []
    assert await window.press("Save decision") == 422
    assert await window.look("case error") == []
    assert await window.decide("Pass to another route", "A crime is in progress.", "Crime desk") == 303
    assert await window.look("case decided") == []
    assert await late.decide("Record as intelligence", "Necessary to prevent crime.") == 409
    assert await late.look("case stale") == []


async def test_a_safety_flag_is_accessible_before_and_after_it_is_acknowledged(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    subjects = {"people": [{"name": "Leanne Murphy", "tags": ["victim"], "approximate_age": 14}]}
    receipt = await submit(frontend, narrative=DANGER, subjects=subjects, risk={"weapon": "yes"})
    window = await open_window("triage", OFFICER, f"/flags/{await flag_of(databases, receipt)}")
    assert await window.look("flag") == []
    assert await window.press("Acknowledge: I deal with this now") == 303
    await window.go(f"/flags/{await flag_of(databases, receipt)}")
    assert OFFICER in await window.text()
    assert await window.look("flag acknowledged") == []
    await submit(frontend, narrative=DANGER)
    # a number beyond the last page shows the last page
    for path, shown, name in (
        ("/flags", OFFICER, "flags"),
        ("/flags?page=999", "", "last page of flags"),
        ("/queue", "Waiting", "queue with flags"),
    ):
        await window.go(path)
        await window.page.locator("#flags tr", has_text=shown).first.wait_for()
        assert await window.look(name) == []


async def test_flags_of_both_levels_are_accessible_in_lists_of_their_own(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    await submit(frontend, narrative=DANGER, risk={"weapon": "yes"})
    submission = a_submission(narrative=KNIFE)
    found = screened(SafetyLevel.SOON, hit_on(submission, "has a knife"))
    flag = await flag_of_submission(databases, await accept(pipeline, submission, found))
    await preview_of_flag(databases, flag["flag_id"])
    window = await open_window("triage", OFFICER, "/queue")
    for path, name in (("/queue", "queue with both levels"), ("/flags", "flags of both levels")):
        await window.go(path)
        await window.page.locator("#flags-now tr[data-level=now]").first.wait_for()
        await window.page.locator("#flags-soon tr[data-level=soon]").first.wait_for()
        assert await window.page.locator("#flags-now tr[data-level=soon]").count() == 0
        assert await window.look(name) == []
    await window.go(f"/flags/{flag['flag_id']}")
    await window.page.get_by_text("About the safety screen").click()
    assert await window.look("flag soon") == []
    assert await window.press("Acknowledge: I deal with this") == 303


async def test_the_source_desks_pages_are_accessible_also_with_an_error(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    seen = {"began_at": "2026-06-30T23:30:00Z", "ended_at": "2026-07-01T02:00:00Z"}
    _, submission_ref = await hold_submission(frontend, databases, title="A grey van at night", occurrence=seen)
    window = await open_window("desk", REVIEWER, "/held")
    late = await open_window("desk", REVIEWER, f"/held/{submission_ref}")
    assert await window.look("held list") == []
    await window.go(f"/held/{submission_ref}")
    assert await window.look("held") == []
    assert await window.press("Release to triage") == 422
    assert await window.look("held error") == []
    for desk, status in ((window, 303), (late, 409)):
        await desk.page.get_by_label("Why do you decide so?").fill("It needs the source's consent first.")
        assert await desk.press("Keep it held") == status
    assert await late.look("held stale") == []


async def test_a_word_longer_than_a_narrow_page_does_not_widen_it(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    endless = "Entwistle" * 20
    people = [{"name": endless, "description": endless, "tags": ["suspect"]}]
    _, submission_ref = await hold_submission(frontend, databases, title=endless, subjects={"people": people})
    window = await open_window("desk", REVIEWER, f"/held/{submission_ref}")
    assert await window.look("held with an endless word") == []
    assert await window.press("Release to triage") == 422
    assert await window.look("held with an endless word, error") == []


async def test_the_pages_about_a_person_are_accessible(open_window: OpenWindow) -> None:
    window = await open_window("triage", SUPERVISOR, "/about-me")
    text = await window.text()
    assert "Reopen a decided case" in text
    assert "You give a reason, you are not the person who acted last and you sign in again" in text
    assert await window.look("about me") == []
    await window.go("/kept")
    assert await window.look("no kept forms") == []


async def test_a_person_without_a_role_and_a_broken_sign_in_are_told_so_accessibly(open_window: OpenWindow) -> None:
    window = await open_window("triage")
    await window.sign_in("Val Oxley")
    assert await window.heading() == "You have no role here"
    assert await window.look("no role") == []
    assert await window.go("/sign-in/callback?state=x&code=y") == 400
    assert await window.look("sign-in problem") == []
    await window.go("/signed-out")
    assert await window.look("signed out") == []


async def test_a_form_that_was_sent_too_late_comes_back_accessibly(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage")
    await window.sign_in(OTHER_SUPERVISOR, f"/cases/{case_id}")
    await window.page.get_by_label("Reason", exact=True).fill("Typed before the end of the session.")
    await databases["triage"].execute("DELETE FROM session WHERE convert_from(facts, 'UTF8') LIKE '%Hartwell%'")
    await window.press("Save decision")
    await window.page.wait_for_url(f"{window.site}/cases/**")
    assert await window.page.get_by_label("Reason", exact=True).input_value() == "Typed before the end of the session."
    assert await window.look("kept form") == []
    await window.go("/kept")
    assert await window.look("kept forms") == []


async def test_reopening_a_case_is_accessible(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    officer = await open_window("triage", OFFICER, f"/cases/{case_id}")
    await officer.decide("Do not record", "Nothing to act on.", "The intrusion is not proportionate")
    window = await open_window("triage")
    await window.sign_in(SUPERVISOR, f"/cases/{case_id}")
    await window.page.get_by_text("Reopen this case").first.click()
    assert await window.look("reopening") == []
    assert await window.press("Reopen this case") == 422
    assert await window.look("reopening error") == []
    await window.page.get_by_label("Why is this case reopened?").fill("New facts came in.")
    assert await window.press("Reopen this case") == 303
    assert "New facts came in." in await window.text()
    assert await window.look("reopened") == []


async def test_a_takeover_and_a_reopening_are_accessible_in_the_history_of_a_case(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    receipt = await submit(frontend, risk={"immediate_danger": "yes"})
    flag_id, case_id = await flag_of(databases, receipt), await case_of(databases, receipt)
    officer = await open_window("triage", OFFICER, f"/flags/{flag_id}")
    assert await officer.press("Acknowledge: I deal with this now") == 303
    other = await open_window("triage", OTHER_OFFICER, f"/flags/{flag_id}")
    await other.page.get_by_text("Take this over").first.click()
    assert await other.look("takeover") == []
    assert await other.press("Take over: I deal with this now") == 422
    assert await other.look("takeover error") == []
    await other.page.get_by_label("Why do you take this over?").fill("Robin is off duty until Monday.")
    assert await other.press("Take over: I deal with this now") == 303
    await other.go(f"/cases/{case_id}")
    assert await other.decide("Pass to another route", "A crime is in progress.", "Crime desk") == 303
    supervisor = await open_window("triage")
    await supervisor.sign_in(SUPERVISOR, f"/cases/{case_id}")
    await supervisor.page.get_by_text("Reopen this case").first.click()
    await supervisor.page.get_by_label("Why is this case reopened?").fill("New facts came in.")
    assert await supervisor.press("Reopen this case") == 303
    for told in ("Robin is off duty until Monday.", "New facts came in."):
        assert told in await supervisor.text()
    assert await supervisor.look("case with its history") == []


async def test_who_may_not_do_a_thing_is_told_so_accessibly(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases)
    window = await open_window("triage", OFFICER, f"/cases/{case_id}")
    # no page offers a form without the right to send it: the role was lost meanwhile, or somebody made the form
    await window.page.locator("main form").evaluate("(form, to) => { form.action = to }", f"/cases/{case_id}/reopening")
    assert await window.press("Save decision") == 403
    assert await window.heading() == "You may not do this"
    assert await window.look("not allowed") == []


async def test_what_is_not_there_is_told_accessibly(open_window: OpenWindow) -> None:
    window = await open_window("triage", OFFICER, "/queue")
    assert await window.go(f"/cases/{uuid4()}") == 404
    assert await window.look("not found") == []


async def test_the_police_simulators_page_is_accessible(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    case_id = await open_case(frontend, databases, title="A grey van at night")
    officer = await open_window("triage", OFFICER, f"/cases/{case_id}")
    await officer.decide("Record as intelligence", "Necessary to prevent crime.")
    reference = await officer.wait_for_reference()
    window = await open_window("police")
    assert reference in await window.text()
    assert await window.look("police") == []


async def test_the_apis_documentation_is_accessible(open_window: OpenWindow) -> None:
    window = await open_window("intake", path="/docs")
    await window.page.get_by_text("/v1/submissions", exact=True).wait_for()
    assert await window.look("docs") == []
    await window.page.get_by_text("/v1/submissions", exact=True).click()
    await window.page.get_by_text("Request body").wait_for()
    assert await window.look("docs open") == []
