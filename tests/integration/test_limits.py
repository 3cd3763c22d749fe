"""The limits of an agency: buckets in the database refuse a request before anything is stored or screened."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from intake_service.agencies import store
from intake_service.agencies.limits import Limit
from intake_service.agencies.store import WantedTokens
from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.intake import Frontend, add_agency, open_frontend, stored
from tests.support.waiting import until_ended, until_ready, wait_for
from tests.support.web import web_session

Databases = dict[str, asyncpg.Connection]
SLOW = Limit(per_minute=1, burst=3)


@asynccontextmanager
async def limited(pipeline: LocalStack, limit: Limit | None) -> AsyncGenerator[Frontend, None]:
    frontend = open_frontend(pipeline, await add_agency(pipeline, f"Limited {uuid4()}", limit=limit))
    async with frontend.session:
        yield frontend


async def test_more_than_a_bucket_holds_is_refused_with_the_seconds_to_wait_and_not_stored(
    pipeline: LocalStack, databases: Databases
) -> None:
    before = await stored(databases)
    async with limited(pipeline, SLOW) as frontend:
        answers = [await frontend.submit(a_form()) for _ in range(6)]
        headers = {"idempotency-key": str(uuid4())}
        async with frontend.session.post("/v1/submissions", json=a_form(), headers=headers) as refusal:
            assert (refusal.status, refusal.content_type) == (429, "application/problem+json")
            assert 1 <= int(refusal.headers["retry-after"]) <= 60
            assert (await refusal.json(content_type=None))["code"] == "rate_limited"
    assert [status for status, _ in answers] == [202, 202, 202, 429, 429, 429]
    assert await stored(databases) == before + 3


async def test_what_is_sent_again_after_the_wait_is_taken(pipeline: LocalStack) -> None:
    async with limited(pipeline, Limit(per_minute=60, burst=1)) as frontend:
        key = str(uuid4())
        assert (await frontend.submit(a_form()))[0] == 202
        headers = {"idempotency-key": key}
        async with frontend.session.post("/v1/submissions", json=a_form(), headers=headers) as refusal:
            assert refusal.status == 429
            wait = int(refusal.headers["retry-after"])

        async def is_taken() -> bool:
            return (await frontend.submit(a_form(), key))[0] == 202

        await wait_for(is_taken, "the token that was promised", seconds=wait + 1)


async def test_a_hundred_at_once_get_no_more_than_the_bucket_holds(pipeline: LocalStack, databases: Databases) -> None:
    before = await stored(databases)
    async with limited(pipeline, Limit(per_minute=1, burst=10)) as frontend:
        answers = await asyncio.gather(*(frontend.submit(a_form()) for _ in range(100)))
    assert Counter(status for status, _ in answers) == {202: 10, 429: 90}
    assert await stored(databases) == before + 10


async def test_a_large_body_costs_more_and_one_that_costs_more_than_all_is_taken_alone(pipeline: LocalStack) -> None:
    large = a_form(narrative="He sells. " * 1_900)
    async with limited(pipeline, SLOW) as frontend:
        assert (await frontend.submit(large))[0] == 202
        assert (await frontend.submit(a_form()))[0] == 429


async def test_a_refused_agency_keeps_nobody_else_waiting(pipeline: LocalStack, frontend: Frontend) -> None:
    async with limited(pipeline, SLOW) as greedy:
        answers = await asyncio.gather(*(greedy.submit(a_form()) for _ in range(30)))
        assert Counter(status for status, _ in answers)[429] == 27
        assert (await frontend.submit(a_form()))[0] == 202


async def test_a_repetition_costs_what_the_first_time_did(pipeline: LocalStack) -> None:
    key = str(uuid4())
    async with limited(pipeline, SLOW) as frontend:
        assert [(await frontend.submit(a_form(), key))[0] for _ in range(4)] == [202, 202, 202, 429]


async def test_questions_have_a_bucket_of_their_own_five_times_as_large(pipeline: LocalStack) -> None:
    async with limited(pipeline, SLOW) as frontend:
        _, answer = await frontend.submit(a_form())
        statuses: list[int] = []
        for _ in range(16):
            async with frontend.session.get(f"/v1/submissions/{answer['receipt']}") as asked:
                statuses.append(asked.status)
        assert statuses == [200] * 15 + [429]
        assert (await frontend.submit(a_form()))[0] == 202


async def test_an_agency_whose_entry_says_nothing_gets_what_the_settings_say(pipeline: LocalStack) -> None:
    async with limited(pipeline, None) as frontend:
        answers = await asyncio.gather(*(frontend.submit(a_form()) for _ in range(300)))
    accepted = Counter(status for status, _ in answers)[202]
    assert 120 <= accepted < 240  # the bucket, and the tokens refilled meanwhile
    assert {status for status, _ in answers} == {202, 429}


async def test_buckets_hold_when_the_service_is_started_again(pipeline: LocalStack) -> None:
    async with limited(pipeline, SLOW) as frontend:
        assert [(await frontend.submit(a_form()))[0] for _ in range(4)] == [202, 202, 202, 429]
        api_key = str(frontend.session.headers["authorization"]).removeprefix("Bearer ")
    pipeline.kill("intake")
    await until_ended(pipeline, "intake")
    pipeline.start("intake")
    await until_ready(pipeline, "intake")
    again = open_frontend(pipeline, api_key)
    async with again.session:
        assert (await again.submit(a_form()))[0] == 429


async def test_a_flood_of_made_up_keys_is_refused_and_a_known_agency_is_served(
    pipeline: LocalStack, frontend: Frontend
) -> None:
    await frontend.submit(a_form())

    async def try_a_key(session: aiohttp.ClientSession) -> int:
        headers = {"authorization": f"Bearer pip_{uuid4().hex[:12]}_{uuid4().hex}", "idempotency-key": "k"}
        async with session.post("/v1/submissions", json=a_form(), headers=headers) as answer:
            assert json.loads(await answer.text())["code"] in {"unknown_agency", "too_many_unknown_keys"}
            return answer.status

    async with web_session(pipeline.address("intake")) as session:
        statuses = await asyncio.gather(*(try_a_key(session) for _ in range(200)))
        assert (await frontend.submit(a_form()))[0] == 202
    assert set(statuses) == {401, 429}


@pytest.mark.parametrize("refuser", ["key", "agency"])
async def test_two_instances_share_a_bucket_and_both_buckets_count(stack: LocalStack, refuser: str) -> None:
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    key, agency = f"key {uuid4()}", f"agency {uuid4()}"
    small, large = WantedTokens("", minute, 2 * minute), WantedTokens("", second, minute)
    of_key = (small if refuser == "key" else large)._replace(holder=key)
    of_agency = (small if refuser == "agency" else large)._replace(holder=agency)
    prefix = (await add_agency(stack, f"Agency {uuid4()}")).split("_")[1]
    connections = [await asyncpg.connect(stack.app_dsn("intake")) for _ in range(2)]
    taken = [
        await asyncio.gather(*(store.take_tokens(each, prefix, of_key, of_agency) for each in connections))
        for _ in range(3)
    ]
    assert sum(one.is_allowed for both in taken for one in both) == 2
    last = taken[-1][-1]
    assert 110 < (last.key_full_in if refuser == "key" else last.agency_full_in) <= 120
    for each in connections:
        await each.close()
