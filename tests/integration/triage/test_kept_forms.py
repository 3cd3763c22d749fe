"""What a person typed is not lost when their session ends: they get it back, and nobody else does."""

import asyncio
import re
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.web.site import Site
from tests.support.people import id_of
from tests.support.triage import SignIn, form_of, open_case, pages_settings
from tests.support.visitor import Visitor
from tests.support.waiting import wait_for
from triage_service.main import LINKS, PACKAGE

TYPED = "Necessary because of the knife \u202e and <b>more</b>"


async def end_session(pool: asyncpg.Pool) -> None:
    await pool.execute("DELETE FROM session")


async def send_late(pool: asyncpg.Pool, browser: Visitor) -> tuple[UUID, str]:
    """Send a decision after the end of the session; return the case and where the person is sent."""
    case_id = await open_case(pool)
    form = await form_of(browser, case_id, reason=TYPED)
    await end_session(pool)
    answer = await browser.post(f"/cases/{case_id}/decision", form)
    assert answer.status_code == 303
    return case_id, answer.headers["location"]


async def test_a_form_sent_too_late_is_offered_again_to_the_same_person(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    officer = await sign_in("officer-1")
    case_id, start = await send_late(pool, officer)
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE case_id = $1", case_id) == 0
    back = (await officer.sign_in(start)).headers["location"]
    page = await officer.get(back)
    assert "Your form is here as you typed it" in page.text
    assert "Necessary because of the knife \u202e and &lt;b&gt;more&lt;/b&gt;</textarea>" in page.text
    kept = re.findall(r'name="kept" value="([^"]+)"', page.text)[0]
    form = await form_of(officer, case_id, reason=TYPED, kept=kept)
    assert (await officer.post(f"/cases/{case_id}/decision", form)).status_code == 303
    assert await pool.fetchval("SELECT reason FROM decision WHERE case_id = $1", case_id) == TYPED
    assert await pool.fetchval("SELECT count(*) FROM kept_form WHERE kept_id = $1", UUID(kept)) == 0


async def test_another_person_never_sees_it(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    officer = await sign_in("officer-1")
    case_id, start = await send_late(pool, officer)
    officer.person = "officer-2"
    await officer.ask("GET", "/sign-in?choose=1")
    back = (await officer.sign_in(start.replace("/sign-in?", "/sign-in?choose=1&"))).headers["location"]
    page = await officer.get(back)
    assert page.status_code == 200
    assert "Jas Thorncliffe" in page.text
    assert "Necessary because" not in page.text
    assert "Your form is here" not in page.text
    assert str(case_id) in page.text


async def test_who_signs_in_some_other_way_is_shown_what_was_not_sent(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    officer = await sign_in("officer-1")
    case_id, _ = await send_late(pool, officer)
    await officer.sign_in()
    assert re.search(r'href="/kept">Not sent: \d</a>', (await officer.get("/queue")).text)
    page = await officer.get("/kept")
    (path, kept) = re.findall(rf'href="(/cases/{case_id}\?kept=([^"]+))"', page.text)[0]
    assert "Necessary because" in (await officer.get(path)).text
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    assert (await officer.post(f"/kept/{kept}/delete", {"csrf": token})).status_code == 303
    assert "Necessary because" not in (await officer.get(path)).text


async def test_the_database_cannot_read_a_kept_form_nor_hand_it_to_another(
    provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer, other = await sign_in("officer-1"), await sign_in("officer-2")
    _, start = await send_late(pool, officer)
    kept_id = UUID(re.findall(r"kept%3D([0-9a-f-]{36})", start)[0])
    sealed = await pool.fetchval("SELECT sealed FROM kept_form WHERE kept_id = $1", kept_id)
    assert b"knife" not in sealed
    await pool.execute(
        "INSERT INTO kept_form (kept_id, person, sealed) SELECT gen_random_uuid(), $2, sealed FROM kept_form "
        "WHERE kept_id = $1",
        kept_id,
        id_of(provider, "officer-2"),
    )
    await other.sign_in()
    assert "There are none" in (await other.get("/kept")).text


async def test_a_person_has_at_most_five_kept_forms(provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn) -> None:
    officer = await sign_in("officer-1")
    case_id = await open_case(pool)
    form = await form_of(officer, case_id)
    await end_session(pool)
    for n in range(7):
        await officer.post(f"/cases/{case_id}/decision", {**form, "reason": f"Reason {n}"})
    query = "SELECT count(*) FROM kept_form WHERE person = $1"
    assert await pool.fetchval(query, id_of(provider, "officer-1")) == 5


async def test_a_form_without_a_persons_token_is_not_kept(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    stranger = await sign_in("")
    case_id = await open_case(pool)
    before = await pool.fetchval("SELECT count(*) FROM kept_form")
    for token in ("", "x", "eA==.eA==", "é.é"):
        answer = await stranger.post(f"/cases/{case_id}/decision", {"csrf": token, "reason": TYPED})
        assert answer.headers["location"] == f"/sign-in?next=%2Fcases%2F{case_id}"
    assert await pool.fetchval("SELECT count(*) FROM kept_form") == before


async def test_a_form_from_the_former_session_of_the_same_person_is_offered_again(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer = await sign_in("officer-1")
    case_id = await open_case(pool)
    form = await form_of(officer, case_id, reason=TYPED)
    await officer.sign_in()  # in another tab
    answer = await officer.post(f"/cases/{case_id}/decision", form)
    assert answer.headers["location"].startswith(f"/cases/{case_id}?kept=")
    assert "Necessary because" in (await officer.get(answer.headers["location"])).text


async def test_what_has_expired_is_deleted_also_when_nobody_signs_in(
    provider: LocalStack, admin: asyncpg.Connection, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    _, start = await send_late(pool, await sign_in("officer-1"))
    kept_id = UUID(re.findall(r"kept%3D([0-9a-f-]{36})", start)[0])
    await admin.execute("UPDATE kept_form SET kept_at = now() - interval '9 hours' WHERE kept_id = $1", kept_id)
    site = Site("Triage", PACKAGE, pool=pool, settings=pages_settings(provider), links=LINKS)
    stop = asyncio.Event()
    sweeping = asyncio.ensure_future(site.workers()["sessions"](stop))

    async def is_gone() -> bool:
        return await pool.fetchval("SELECT count(*) FROM kept_form WHERE kept_id = $1", kept_id) == 0

    await wait_for(is_gone, "the expired form to be deleted")
    stop.set()
    await sweeping
