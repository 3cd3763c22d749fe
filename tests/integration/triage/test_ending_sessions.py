"""What the provider takes away counts here: at the next check, or at once when it says so."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.web.identity import sessions
from pipeline_simulators.provider.tokens import Fault
from tests.support.people import id_of
from tests.support.provider import ProviderControl
from tests.support.triage import SignIn
from tests.support.visitor import Visitor

BACK_CHANNEL = "/sign-in/back-channel-logout"


@pytest.fixture
async def control(provider: LocalStack) -> AsyncGenerator[ProviderControl, None]:
    async with ProviderControl.open(provider) as control:
        yield control


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request find a session whose check is due, as it is 30 seconds after the last one."""
    monkeypatch.setattr(sessions, "CHECK_AFTER", timedelta(0))


async def status_of(visitor: Visitor) -> int:
    return (await visitor.get("/queue")).status_code


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize("change", [{"groups": []}, {"groups": ["pip-operations"]}, {"enabled": False}])
async def test_attack_48_a_role_or_an_account_taken_away_counts_at_the_next_check(
    control: ProviderControl, sign_in: SignIn, change: dict[str, object]
) -> None:
    officer = await sign_in("officer-1")
    assert await status_of(officer) == 200
    await control.change("officer-1", **change)
    assert await status_of(officer) == 303


async def test_a_session_is_checked_when_its_last_check_is_thirty_seconds_old(
    control: ProviderControl, sign_in: SignIn
) -> None:
    assert sessions.CHECK_AFTER < sessions.CHECK_AT_LATEST
    assert sessions.CHECK_AT_LATEST.total_seconds() <= 60
    officer = await sign_in("officer-1")
    await control.change("officer-1", groups=[])
    assert await status_of(officer) == 200


@pytest.mark.usefixtures("due")
async def test_requests_at_once_share_one_check_because_a_refresh_token_counts_once(
    sign_in: SignIn,
) -> None:
    officer = await sign_in("officer-1")
    for _ in range(3):
        assert await asyncio.gather(*(status_of(officer) for _ in range(8))) == [200] * 8


@pytest.mark.usefixtures("due")
async def test_while_the_provider_is_away_a_session_goes_on(control: ProviderControl, sign_in: SignIn) -> None:
    officer = await sign_in("officer-1")
    await control.misbehave(Fault.AWAY)
    assert [await status_of(officer) for _ in range(3)] == [200] * 3


@pytest.mark.parametrize("by", ["sid", "sub"])
async def test_a_logout_token_ends_the_session_at_once(
    control: ProviderControl, pool: asyncpg.Pool, provider: LocalStack, sign_in: SignIn, by: str
) -> None:
    officer, other = await sign_in("officer-1"), await sign_in("officer-2")
    sid = await pool.fetchval(
        "SELECT sid FROM session WHERE person = $1 ORDER BY opened_at DESC LIMIT 1", id_of(provider, "officer-1")
    )
    token = await control.logout_token("triage", **({"sid": sid} if by == "sid" else {"sub": "officer-1"}))
    assert (await other.post(BACK_CHANNEL, {"logout_token": token})).status_code == 200
    assert (await status_of(officer), await status_of(other)) == (303, 200)


SID = "SELECT sid FROM session WHERE person = $1 ORDER BY opened_at DESC LIMIT 1"


@pytest.mark.parametrize("named", ["sid", "sid and sub", "sub and the sid of another site"])
async def test_a_logout_token_of_one_session_has_the_provider_asked_about_the_persons_others_at_once(
    control: ProviderControl, pool: asyncpg.Pool, provider: LocalStack, sign_in: SignIn, named: str
) -> None:
    others = [await sign_in("officer-1"), await sign_in("officer-1")]
    ended = await sign_in("officer-1")
    sid = await pool.fetchval(SID, id_of(provider, "officer-1")) if "another" not in named else "elsewhere"
    token = await control.logout_token("triage", **{"sid": sid} | ({"sub": "officer-1"} if "sub" in named else {}))
    await control.change("officer-1", enabled=False)
    assert [await status_of(each) for each in others] == [200, 200]
    assert (await ended.post(BACK_CHANNEL, {"logout_token": token})).status_code == 200
    assert [await status_of(each) for each in others] == [303, 303]


async def test_other_sessions_of_a_person_who_signed_out_of_one_go_on_and_are_asked_about_once(
    control: ProviderControl, pool: asyncpg.Pool, provider: LocalStack, sign_in: SignIn
) -> None:
    other, ended = await sign_in("officer-1"), await sign_in("officer-1")
    sid = await pool.fetchval(SID, id_of(provider, "officer-1"))
    token = await control.logout_token("triage", sid=sid, sub="officer-1")
    assert (await ended.post(BACK_CHANNEL, {"logout_token": token})).status_code == 200
    assert (await status_of(ended), await status_of(other)) == (303, 200)
    await control.change("officer-1", enabled=False)
    assert await status_of(other) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody-else"},
        {"iss": "https://elsewhere.example"},
        {"events": {}},
        {"nonce": "x"},
        {"exp": 1},
        {"iat": 1},
        {"sub": ""},
        {"fault": "unsigned"},
        {"fault": "secret_as_key"},
        {"fault": "unknown_key"},
        {"fault": "key_in_header"},
    ],
)
async def test_a_logout_token_that_proves_nothing_ends_nothing(
    control: ProviderControl, sign_in: SignIn, claims: dict[str, object]
) -> None:
    officer = await sign_in("officer-1")
    token = await control.logout_token("triage", **{"sub": "officer-1", **claims})
    assert (await officer.post(BACK_CHANNEL, {"logout_token": token})).status_code == 400
    assert await status_of(officer) == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 20_000])
async def test_what_is_no_token_is_refused(sign_in: SignIn, token: str) -> None:
    officer = await sign_in("officer-1")
    assert (await officer.post(BACK_CHANNEL, {"logout_token": token})).status_code == 400
    assert await status_of(officer) == 200
