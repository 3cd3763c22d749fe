"""Signing in at the provider: what is wrong in its answer opens no session."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_simulators.provider.tokens import Fault
from tests.support.people import id_of
from tests.support.provider import ProviderControl
from tests.support.triage import SignIn
from tests.support.visitor import Visitor

NOT_PROVEN = "You could not be signed in"
NOT_STARTED = "This sign-in cannot be completed"


@pytest.fixture
async def control(provider: LocalStack) -> AsyncGenerator[ProviderControl, None]:
    async with ProviderControl.open(provider) as control:
        yield control


@pytest.fixture
async def nobody(sign_in: SignIn) -> Visitor:
    """Return the visitor of an officer, not signed in."""
    visitor = await sign_in("")
    visitor.person = "officer-1"
    return visitor


async def is_signed_in(visitor: Visitor) -> bool:
    return (await visitor.get("/queue")).status_code == 200


async def check_that_it_opens_no_session(control: ProviderControl, nobody: Visitor, fault: Fault) -> None:
    await control.misbehave(fault)
    answer = await nobody.sign_in()
    assert answer.status_code == 401
    assert NOT_PROVEN in answer.text
    assert not await is_signed_in(nobody)
    await control.misbehave(Fault.NONE)
    assert (await nobody.sign_in()).status_code == 303
    assert await is_signed_in(nobody)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.NONCE,
        Fault.ISSUER,
        Fault.CALLBACK_ISSUER,
        Fault.AUDIENCE,
        Fault.TWO_AUDIENCES,
        Fault.EXPIRED,
        Fault.FUTURE,
        Fault.NO_SUBJECT,
        Fault.NO_ID_TOKEN,
    ],
)
async def test_attack_40_an_answer_that_is_not_for_this_sign_in_opens_no_session(
    control: ProviderControl, nobody: Visitor, fault: Fault
) -> None:
    await check_that_it_opens_no_session(control, nobody, fault)


@pytest.mark.parametrize(
    "fault", [Fault.UNSIGNED, Fault.SECRET_AS_KEY, Fault.UNKNOWN_KEY, Fault.KEY_IN_HEADER, Fault.HUGE]
)
async def test_attack_41_a_token_with_a_forged_signature_or_of_a_huge_size_opens_no_session(
    control: ProviderControl, nobody: Visitor, fault: Fault
) -> None:
    await check_that_it_opens_no_session(control, nobody, fault)


async def test_attack_43_a_callback_counts_once(nobody: Visitor) -> None:
    callback = await nobody.prove("/sign-in?next=/flags")
    answers = [await nobody.get(callback) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 400]
    assert answers[0].headers["location"] == "/flags"
    assert NOT_STARTED in answers[1].text


async def test_attack_43_a_code_counts_once_even_for_the_browser_that_started(nobody: Visitor) -> None:
    first = parse_qs(urlsplit(await nobody.prove()).query)
    await nobody.get(f"/sign-in/callback?{urlencode(first, doseq=True)}")
    second = parse_qs(urlsplit(await nobody.prove()).query)
    replayed = urlencode({**second, "code": first["code"]}, doseq=True)
    answer = await nobody.get(f"/sign-in/callback?{replayed}")
    assert (answer.status_code, NOT_PROVEN in answer.text) == (400, True)


@pytest.mark.parametrize("change", [{"state": "x" * 43}, {"state": ""}])
async def test_attack_43_a_callback_with_another_state_is_refused(nobody: Visitor, change: dict[str, str]) -> None:
    asked = {**parse_qs(urlsplit(await nobody.prove()).query), **change}
    answer = await nobody.get(f"/sign-in/callback?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 400
    assert not await is_signed_in(nobody)


async def test_attack_42_a_callback_from_another_browser_signs_nobody_in(nobody: Visitor, sign_in: SignIn) -> None:
    victim = await sign_in("")
    answer = await victim.get(await nobody.prove())
    assert answer.status_code == 400
    assert not await is_signed_in(victim)


async def test_keys_of_the_provider_may_change_while_people_sign_in(control: ProviderControl, sign_in: SignIn) -> None:
    await sign_in("officer-1")
    await control.rotate_keys()
    assert await is_signed_in(await sign_in("officer-2"))


async def test_a_person_without_a_role_is_told_whom_to_ask(
    provider: LocalStack, pool: asyncpg.Pool, nobody: Visitor
) -> None:
    nobody.person = "nobody-1"
    answer = await nobody.sign_in()
    assert answer.status_code == 403
    assert "You have no role here" in answer.text
    assert "ask <bdi>your supervisor</bdi>" in answer.text
    assert not await is_signed_in(nobody)
    person = id_of(provider, "nobody-1")
    assert (
        await pool.fetchval("SELECT reason FROM audit WHERE actor = $1 ORDER BY id DESC LIMIT 1", person) == "no_role"
    )


async def test_while_the_provider_is_away_nobody_new_gets_in_and_who_is_in_works_on(
    control: ProviderControl, sign_in: SignIn, nobody: Visitor
) -> None:
    officer = await sign_in("officer-2")
    await control.misbehave(Fault.AWAY)
    callback = await nobody.prove()
    answer = await nobody.get(callback)
    assert (answer.status_code, "Nobody can sign in at the moment" in answer.text) == (503, True)
    assert await is_signed_in(officer)


@pytest.mark.parametrize("target", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "x"])
async def test_the_way_back_leads_nowhere_else(nobody: Visitor, target: str) -> None:
    answer = await nobody.sign_in("/sign-in?" + urlencode({"next": target}))
    assert answer.headers["location"] == "/"


async def test_a_sign_in_and_what_follows_are_in_the_audit_with_their_proof(
    provider: LocalStack, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    officer = await sign_in("officer-2")
    await officer.get("/queue")
    person = id_of(provider, "officer-2")
    rows = await pool.fetch(
        "SELECT action, subject, reason, sign_in FROM audit WHERE actor = $1 ORDER BY id DESC LIMIT 3", person
    )
    signed_in = await pool.fetchrow(
        "SELECT subject, reason FROM audit WHERE actor = $1 AND action = 'signed_in' ORDER BY id DESC LIMIT 1", person
    )
    assert signed_in
    assert {row["sign_in"] for row in rows} == {signed_in["subject"]}
    assert "id_token=sha256:" in signed_in["reason"]


async def test_the_id_of_a_person_is_made_of_issuer_and_subject_and_not_of_their_name(
    provider: LocalStack, control: ProviderControl, pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    await control.change("officer-2", name="Alice Officer")
    await sign_in("officer-2")
    await control.change("officer-1", name="Alice Officer")
    await sign_in("officer-1")
    rows = await pool.fetch("SELECT person, subject FROM person WHERE name = 'Alice Officer' ORDER BY subject")
    assert [tuple(row) for row in rows] == [(id_of(provider, each), each) for each in ("officer-1", "officer-2")]
