"""The feed, with an intake that may give any answer."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pipeline_simulators.feed import Outgoing, Pace, feed

Answers = Callable[[str, int], web.StreamResponse]


class Intake:
    """An intake that accepts each key once; `answer(key, n)` decides the answer to the n-th request with a key."""

    def __init__(self, answer: Answers) -> None:
        self._answer = answer
        self.seen: Counter[str] = Counter()
        self.accepted: set[str] = set()

    async def submit(self, request: web.Request) -> web.StreamResponse:
        key = request.headers["idempotency-key"]
        assert request.headers["authorization"] == "Bearer pip_x"
        await request.read()
        self.seen[key] += 1
        answer = self._answer(key, self.seen[key])
        if answer.status in {202, 500}:
            self.accepted.add(key)
        return answer


def accepted(key: str) -> web.Response:
    return web.json_response({"receipt": f"PIP-{key}"}, status=202)


@asynccontextmanager
async def running(answer: Answers) -> AsyncGenerator[tuple[Intake, str], None]:
    intake, app = Intake(answer), web.Application()
    app.router.add_post("/v1/submissions", intake.submit)
    async with TestServer(app) as server:
        yield intake, str(server.make_url("/"))


def some(count: int) -> list[Outgoing]:
    return [Outgoing("pip_x", f"k{n}", json.dumps({"n": n}).encode()) for n in range(count)]


async def test_each_submission_is_sent_once_and_its_receipt_kept() -> None:
    async with running(lambda key, _n: accepted(key)) as (intake, url):
        result = await feed(url, iter(some(50)), pace=Pace(concurrency=8))
    assert sorted(result.receipts) == sorted(f"PIP-k{n}" for n in range(50))
    assert set(intake.seen.values()) == {1}
    assert result.percentile(0.5) > 0


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_submission_without_an_answer_is_sent_again_under_its_key(status: int) -> None:
    async with running(lambda key, n: accepted(key) if n > 1 else web.Response(status=status)) as (intake, url):
        result = await feed(url, iter(some(5)), pace=Pace(concurrency=5))
    assert len(result.receipts) == result.retries == 5
    assert set(intake.seen.values()) == {2}


async def test_a_refusal_is_counted_by_its_code_and_not_repeated() -> None:
    refusal = {"code": "invalid_submission"}
    async with running(lambda _key, _n: web.json_response(refusal, status=422)) as (intake, url):
        result = await feed(url, iter(some(3)), pace=Pace())
    assert result.refused == {"422 invalid_submission": 3}
    assert set(intake.seen.values()) == {1}


async def test_the_feed_gives_up_on_an_intake_that_is_away() -> None:
    result = await feed("http://127.0.0.1:9", iter(some(2)), pace=Pace(give_up_seconds=0.05))
    assert (result.receipts, result.unanswered) == ([], 2)


async def test_a_rate_is_kept() -> None:
    async with running(lambda key, _n: accepted(key)) as (_intake, url):
        result = await feed(url, iter(some(11)), pace=Pace(rate=100))
    assert result.seconds >= 0.1
