"""Sessions of the desk: each has one person, a proof and an end."""

import hashlib

import asyncpg
import pytest

from tests.support.triage import SignIn
from tests.support.visitor import Visitor

COOKIE = "__Host-triage-session"


async def test_signing_out_ends_the_session_for_good(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    cookie = browser.cookie("session")
    sent = await browser.send("/sign-out", {})
    assert sent.status_code == 303
    assert "id_token_hint=" in sent.headers["location"]
    browser.set_cookie(COOKIE, cookie)
    assert (await browser.get("/queue")).status_code == 303
    assert await sessions_under(pool, cookie) == 0


async def test_signing_in_again_opens_a_new_session_and_ends_the_old_one(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    old = browser.cookie("session")
    assert await sessions_under(pool, old) == 1
    browser.person = "officer-2"
    await browser.sign_in("/sign-in?choose=1")
    new = browser.cookie("session")
    assert (await sessions_under(pool, old), await sessions_under(pool, new)) == (0, 1)
    assert "Jas Thorncliffe" in (await browser.get("/queue")).text


async def test_the_end_of_a_session_does_not_depend_on_what_the_database_may_change(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    await sign_in("officer-1")
    for column in ("opened_at", "person", "sid", "token_hash"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(f"UPDATE session SET {column} = {column}")  # noqa: S608


async def test_signing_out_in_an_older_tab_signs_out_too(sign_in: SignIn) -> None:
    browser = await sign_in("officer-1")
    await browser.sign_in()
    assert (await browser.post("/sign-out", {"csrf": browser.csrf})).status_code == 303
    assert await is_signed_out(browser)


async def sessions_under(pool: asyncpg.Pool, token: str) -> int:
    return await pool.fetchval("SELECT count(*) FROM session WHERE token_hash = $1", _hash(token)) or 0


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def is_signed_out(browser: Visitor) -> bool:
    answer = await browser.get("/queue")
    return answer.headers.get("location") == "/sign-in?next=%2Fqueue"


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = now() - interval '16 minutes'",
        "opened_at = now() - interval '9 hours'",
    ],
)
async def test_a_session_ends_when_it_is_old(admin: asyncpg.Connection, sign_in: SignIn, change: str) -> None:
    browser = await sign_in("officer-1")
    await admin.execute(f"UPDATE session SET {change}")  # noqa: S608 - the changes above
    assert await is_signed_out(browser)


@pytest.mark.parametrize(
    "change",
    [
        "facts = replace(convert_from(facts, 'UTF8'), 'triage officer', 'triage supervisor')::bytea",
        "facts = replace(convert_from(facts, 'UTF8'), 'Robin', 'Roman')::bytea",
        "proof = sha256(facts)",
        "tokens = tokens || '\\x00'",
        "token_hash = sha256('guess')",
        "sid = 'another', opened_at = now()",
        "person = 'person:another', opened_at = now()",
    ],
)
async def test_attack_75_a_changed_session_row_is_no_session(
    admin: asyncpg.Connection, sign_in: SignIn, change: str
) -> None:
    browser = await sign_in("officer-1")
    assert not await is_signed_out(browser)
    await admin.execute("DELETE FROM session WHERE token_hash <> $1", _hash(browser.cookie("session")))
    await admin.execute(f"UPDATE session SET {change}")  # noqa: S608 - the changes above
    browser.set_cookie(COOKIE, "guess" if "guess" in change else browser.cookie("session"))
    assert await is_signed_out(browser)


async def test_attack_75_a_session_row_of_another_person_opens_nothing(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    await sign_in("supervisor-1")
    browser = await sign_in("officer-1")
    await pool.execute(
        """INSERT INTO session (token_hash, person, sid, facts, proof, tokens, opened_at, seen_at)
           SELECT sha256('mine'), person, sid, facts, proof, tokens, now(), now() FROM session
           WHERE convert_from(facts, 'UTF8') LIKE '%Morgan Eldwick%' LIMIT 1"""
    )
    browser.set_cookie(COOKIE, "mine")
    assert await is_signed_out(browser)
