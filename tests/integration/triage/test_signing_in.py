"""Sessions of the desk: each has one person and an end."""

import hashlib

import asyncpg
import pytest

from tests.support.triage import SignIn, csrf


async def test_signing_out_ends_the_session_for_good(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    cookie = browser.cookies["triage-session"]
    page = await browser.get("/queue")
    assert (await browser.post("/sign-out", data={"csrf": csrf(page)})).status_code == 303
    browser.cookies.set("triage-session", cookie)
    assert (await browser.get("/queue")).status_code == 303
    assert await sessions_under(pool, cookie) == 0


async def test_signing_in_again_opens_a_new_session_and_ends_the_old_one(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    old = browser.cookies["triage-session"]
    assert await sessions_under(pool, old) == 1
    await browser.post("/sign-in", data={"person": "demo:officer-2", "csrf": csrf(await browser.get("/sign-in"))})
    new = browser.cookies["triage-session"]
    assert (await sessions_under(pool, old), await sessions_under(pool, new)) == (0, 1)
    assert "Jas Thorncliffe" in (await browser.get("/queue")).text


async def sessions_under(pool: asyncpg.Pool, token: str) -> int:
    digest = hashlib.sha256(token.encode()).digest()
    return await pool.fetchval("SELECT count(*) FROM session WHERE token_hash = $1", digest)


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = now() - interval '16 minutes'",
        "created_at = now() - interval '9 hours'",
        "roles = '{triage supervisor}'",
        "person = 'demo:nobody'",
    ],
)
async def test_a_session_ends_when_it_is_old_or_its_person_has_changed(
    pool: asyncpg.Pool, sign_in: SignIn, change: str
) -> None:
    browser = await sign_in("officer-1")
    await pool.execute(f"UPDATE session SET {change}")  # noqa: S608 - the changes above
    assert (await browser.get("/queue")).headers["location"] == "/sign-in?next=%2Fqueue"
