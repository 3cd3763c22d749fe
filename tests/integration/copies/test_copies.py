"""Two copies of each service on one database and one broker: one effect, one relay, shared sessions, shared limits."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from itertools import islice

import asyncpg
import psutil
import pytest

from intake_service.agencies.limits import Limit
from pipeline_local.certificates import authorities_file
from pipeline_local.frontends import load_frontends
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.messaging.relay import LOCK
from pipeline_shared.runtime.tls import TlsFiles, client_tls
from pipeline_simulators.feed import FeedResult, Pace, feed
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.outgoing import outgoing_of
from pipeline_simulators.people import Played
from tests.chaos.account import read_account
from tests.chaos.run import people_at_work
from tests.support.building import a_form
from tests.support.copies import Copy, Pairs
from tests.support.intake import Frontend, add_agency, until_known
from tests.support.provider import ProviderControl
from tests.support.stack import OURS
from tests.support.visitor import Visitor
from tests.support.waiting import wait_for
from tests.support.web import web_session

SEED = 20261130
SUBMISSIONS = 120
HOLDER = """
SELECT activity.client_port FROM pg_locks AS lock JOIN pg_stat_activity AS activity USING (pid)
WHERE lock.locktype = 'advisory' AND lock.objid = $1 AND lock.granted AND activity.datname = current_database()
"""
PERSON_AND_LIST = {"triage": ("officer-1", "/queue"), "desk": ("desk-1", "/held")}
ROLE_COUNTS_SECONDS = 60


async def relays_of(pairs: Pairs, service: str) -> list[Copy]:
    """Return the copies that hold the lock of the service's relay."""
    connection = await asyncpg.connect(pairs.stack.admin_dsn(DATABASE_OF[service]))
    ports = {row["client_port"] for row in await connection.fetch(HOLDER, LOCK)}
    await connection.close()
    return [copy for copy in pairs.of[service] if ports & local_ports_of(copy)]


def local_ports_of(copy: Copy) -> set[int]:
    """Return the ports of a copy's own connections."""
    pid = copy.stack.processes.pid(copy.name)
    return {each.laddr.port for each in psutil.Process(pid).net_connections("inet") if each.raddr} if pid else set()


async def until_one_relay(pairs: Pairs, service: str) -> Copy:
    async def one() -> list[Copy]:
        return await relays_of(pairs, service)

    (holder,) = await wait_for(one, f"a relay of {service}")
    return holder


async def feed_through_the_balancer(pairs: Pairs) -> FeedResult:
    stack = pairs.stack
    api_keys = await load_frontends(stack.home, stack.installation())
    outgoing = islice(outgoing_of(made_up_submissions(SUBMISSIONS, SEED), api_keys), SUBMISSIONS)
    tls = client_tls(TlsFiles(authorities_file(stack.home)), peer="frontend")
    return await feed(stack.address("intake"), outgoing, pace=Pace(rate=30), tls=tls)


async def test_when_one_copy_of_each_service_is_killed_every_submission_has_its_effect_once(pairs: Pairs) -> None:
    """The copy that publishes is killed, while submissions flow and people decide."""
    relays = [await until_one_relay(pairs, service) for service in DATABASE_OF]
    victims = [*relays, pairs.of["desk"][1]]
    survivors = [copy for copy in pairs if copy not in victims]
    played = Played()
    async with people_at_work(pairs.stack, played):
        feeding = asyncio.create_task(feed_through_the_balancer(pairs))
        for victim in random.Random(SEED).sample(victims, len(victims)):
            await until_more(played)
            victim.kill()
        receipts = (await feeding).receipts
        assert len(receipts) == SUBMISSIONS
        await until_nothing_is_found(pairs, receipts)
    assert [copy.name for copy in survivors if not await copy.is_ready()] == []
    assert sorted(copy.name for copy in victims) == sorted(
        program.name for program, _ in pairs.stack.processes.exited()
    )


async def until_more(played: Played) -> None:
    before = played.decided.total()

    async def more() -> bool:
        return played.decided.total() > before

    await wait_for(more, "another decision")


async def until_nothing_is_found(pairs: Pairs, receipts: Sequence[str]) -> None:
    found = ["not looked yet"]

    async def nothing() -> bool:
        found[:] = (await read_account(pairs.stack)).findings(receipts)
        return not found

    try:
        await wait_for(nothing, "every end", seconds=120, every=0.5)  # each look asks every database
    except AssertionError:
        pytest.fail("\n".join(found))


@pytest.mark.parametrize("service", DATABASE_OF)
async def test_one_copy_publishes_and_the_other_takes_over_when_it_is_killed(pairs: Pairs, service: str) -> None:
    holder = await until_one_relay(pairs, service)
    (other,) = (copy for copy in pairs.of[service] if copy is not holder)
    holder.kill()
    assert await until_one_relay(pairs, service) is other
    holder.start()
    await holder.until_ready()
    assert await relays_of(pairs, service) == [other]


@pytest.fixture(params=PERSON_AND_LIST)
async def signed_in(request: pytest.FixtureRequest, pairs: Pairs) -> AsyncGenerator[tuple[Visitor, list[str]], None]:
    """Return a person who has signed in, and the address of the list of their work at each copy."""
    person, path = PERSON_AND_LIST[request.param]
    visitor = await Visitor.enter(pairs.stack.address(request.param), person)
    yield visitor, [copy.address + path for copy in pairs.of[request.param]]
    await visitor.leave()


async def statuses(visitor: Visitor, pages: Sequence[str]) -> list[int]:
    return [(await visitor.get(page)).status_code for page in pages]


async def test_who_is_signed_in_at_one_copy_is_signed_in_at_the_other_and_signs_out_of_both(
    signed_in: tuple[Visitor, list[str]],
) -> None:
    visitor, pages = signed_in
    assert await statuses(visitor, pages) == [200, 200]
    assert (await visitor.send("/sign-out", {})).status_code == 303
    assert await statuses(visitor, pages) == [303, 303]


async def test_back_channel_logout_ends_the_session_at_both_copies_at_once(
    pairs: Pairs, signed_in: tuple[Visitor, list[str]]
) -> None:
    visitor, pages = signed_in
    async with ProviderControl.open(pairs.stack) as control:
        await control.sign_out(visitor.person)
        assert await statuses(visitor, pages) == [303, 303]


async def test_attack_48_a_role_taken_away_counts_at_both_copies_within_a_minute(
    pairs: Pairs, signed_in: tuple[Visitor, list[str]]
) -> None:
    visitor, pages = signed_in
    async with ProviderControl.open(pairs.stack) as control:
        await control.change(visitor.person, groups=[])

        async def counts() -> bool:
            return await statuses(visitor, pages) == [303, 303]

        await wait_for(counts, "the check of the role", seconds=ROLE_COUNTS_SECONDS)


async def test_an_agency_has_its_limit_once_whichever_copy_it_asks(pairs: Pairs) -> None:
    limit = Limit(per_minute=1, burst=10)
    headers = {"authorization": f"Bearer {await add_agency(pairs.stack, 'Asks both copies', limit=limit)}"}
    one, other = pairs.of["intake"]
    async with (
        web_session(one.address, headers=headers) as first,
        web_session(other.address, headers=headers) as second,
    ):
        frontends = [Frontend(first), Frontend(second)]
        for frontend in frontends:
            await until_known(frontend)
        answers = [await frontends[number % 2].submit(a_form()) for number in range(2 * limit.burst)]
    accepted = [status for status, _ in answers if status == 202]
    assert len(accepted) == limit.burst
    assert {status for status, _ in answers} == {202, 429}


async def test_every_copy_is_ready_when_all_run(pairs: Pairs) -> None:
    assert len(list(pairs)) == 2 * len(OURS)
    assert [copy.name for copy in pairs if not await copy.is_ready()] == []
