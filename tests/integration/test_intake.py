"""Intake over real HTTP, PostgreSQL and Kafka: one submission per key, and bad input is neither kept nor repeated."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.canary import MARK as CANARY
from tests.support.canary import plant
from tests.support.intake import Frontend, add_agency, open_frontend, stored
from tests.support.waiting import until_ready
from tests.support.web import open_wire, web_session

Databases = dict[str, asyncpg.Connection]


async def test_a_submission_gets_an_unguessable_receipt_and_a_status(frontend: Frontend) -> None:
    status, answer = await frontend.submit(a_form())
    assert status == 202
    assert len(answer["receipt"].replace("-", "")) == 3 + 32
    assert await frontend.status(answer["receipt"]) in {"received", "in_assessment"}


async def test_fifty_posts_at_once_under_one_key_are_one_submission(frontend: Frontend, databases: Databases) -> None:
    before, key = await stored(databases), str(uuid4())
    answers = await asyncio.gather(*(frontend.submit(a_form(), key) for _ in range(50)))
    assert {status for status, _ in answers} == {202}
    assert len({answer["receipt"] for _, answer in answers}) == 1
    assert await stored(databases) == before + 1


async def test_another_body_under_the_same_key_is_refused_and_the_first_kept(frontend: Frontend) -> None:
    key = str(uuid4())
    _, first = await frontend.submit(a_form(), key)
    status, refusal = await frontend.submit(a_form(narrative="Something else"), key)
    assert (status, refusal["code"]) == (422, "idempotency_key_reused")
    assert (await frontend.submit(a_form(), key))[1]["receipt"] == first["receipt"]


async def test_the_same_form_spaced_and_ordered_otherwise_is_the_same_submission(frontend: Frontend) -> None:
    key = str(uuid4())
    form = plant(a_form(), key)
    _, first = await frontend.submit(form, key)
    body = json.dumps(dict(reversed(form.items())), indent=4).encode()
    status, text = await frontend.submit_bytes(body, key)
    assert (status, json.loads(text)["receipt"]) == (202, first["receipt"])


async def test_two_agencies_may_use_the_same_key(frontend: Frontend, pipeline: LocalStack) -> None:
    key = str(uuid4())
    other = open_frontend(pipeline, await add_agency(pipeline, f"Other {uuid4()}"))
    async with other.session:
        receipts = [(await each.submit(a_form(), key))[1]["receipt"] for each in (frontend, other)]
    assert receipts[0] != receipts[1]


async def test_another_agencys_receipt_looks_like_one_that_never_was(frontend: Frontend, pipeline: LocalStack) -> None:
    _, answer = await frontend.submit(a_form())
    other = open_frontend(pipeline, await add_agency(pipeline, f"Curious {uuid4()}"))
    async with other.session:
        bodies: list[str] = []
        for receipt in (answer["receipt"], "PIP-00000000-00000000-00000000-00000000"):
            async with other.session.get(f"/v1/submissions/{receipt}") as refusal:
                assert refusal.status == 404
                bodies.append(await refusal.text())
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer pip_a_b", "Basic YTpi", "Bearer " + "x" * 5_000, "Bearer é"]
)
async def test_a_key_that_no_agency_has_is_refused(pipeline: LocalStack, authorization: str) -> None:
    headers = {"authorization": authorization, "idempotency-key": "k"}
    async with (
        web_session(pipeline.address("intake")) as session,
        session.post("/v1/submissions", json=a_form(), headers=headers) as answer,
    ):
        assert answer.status == 401
        assert (await answer.json(content_type=None))["code"] == "unknown_agency"


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\there", "clé"])
async def test_a_submission_without_a_usable_key_is_refused(frontend: Frontend, key: str) -> None:
    status, answer = await frontend.submit(a_form(), key or " ")
    assert (status, answer["code"]) == (400, "idempotency_key")


BAD_BODIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": f'{{"narrative": "{CANARY}"'.encode(),
    "NUL": json.dumps(a_form(narrative=f"{CANARY}\0")).encode(),
    "lone surrogate": json.dumps(a_form(narrative=f"{CANARY}\ud800")).encode(),
    "not UTF-8": b'{"narrative": "' + CANARY.encode() + b'\xff"}',
    "NaN": f'{{"narrative": "{CANARY}", "risk": NaN}}'.encode(),
    "deep": b"[" * 60_000,
    "many digits": b'{"narrative": ' + b"1" * 20_000 + b"}",
    "duplicate keys": f'{{"narrative": "{CANARY}", "narrative": "x"}}'.encode(),
    "wrong type": json.dumps(a_form(narrative={CANARY: [CANARY]})).encode(),
    "unknown field": json.dumps(a_form(**{CANARY: CANARY})).encode(),
    "too long": json.dumps(a_form(narrative=CANARY * 3_000)).encode(),
    "bad category": json.dumps(a_form(category=CANARY)).encode(),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_bad_input_is_refused_content_free_and_stores_nothing(
    name: str, frontend: Frontend, databases: Databases
) -> None:
    before = await stored(databases)
    status, text = await frontend.submit_bytes(BAD_BODIES[name])
    assert 400 <= status < 500
    assert json.loads(text)["code"]
    assert CANARY not in text
    assert await stored(databases) == before


async def test_a_body_too_large_is_refused_before_it_is_read(frontend: Frontend, pipeline: LocalStack) -> None:
    reader, writer = await open_wire(pipeline.address("intake"))
    authorization = frontend.session.headers["authorization"]
    head = f"POST /v1/submissions HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\nidempotency-key: k\r\n"
    writer.write(f"{head}content-type: application/json\r\ncontent-length: 52428800\r\n\r\n{{".encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


async def test_an_endless_chunked_body_is_refused_and_memory_stays_flat(
    frontend: Frontend, pipeline: LocalStack
) -> None:
    psutil: Any = pytest.importorskip("psutil")
    process = psutil.Process(pipeline.processes.pid("intake"))
    before = process.memory_info().rss

    async def endless() -> Any:
        for _ in range(800):
            yield b"x" * 65_536

    statuses: list[int] = []
    for _ in range(3):
        try:
            async with frontend.session.post(
                "/v1/submissions", data=endless(), headers={"idempotency-key": "k"}
            ) as answer:
                statuses.append(answer.status)
        except aiohttp.ClientError:  # the server closed the connection while the test was still sending
            statuses.append(413)
    assert set(statuses) == {413}
    assert process.memory_info().rss - before < 20 * 1024 * 1024


async def test_half_sent_requests_are_dropped_and_others_served_meanwhile(
    frontend: Frontend, pipeline: LocalStack
) -> None:
    half = [await open_wire(pipeline.address("intake")) for _ in range(50)]
    for _, writer in half:
        writer.write(b"POST /v1/submissions HTTP/1.1\r\nhost: x\r\n")
    status, _ = await frontend.submit(a_form())
    assert status == 202
    ends = await asyncio.gather(*(asyncio.wait_for(reader.read(), 15) for reader, _ in half))
    assert {end[:12] for end in ends} <= {b"", b"HTTP/1.1 400"}


async def test_a_body_that_stops_half_way_is_dropped_without_a_trace(frontend: Frontend, pipeline: LocalStack) -> None:
    reader, writer = await open_wire(pipeline.address("intake"))
    authorization = frontend.session.headers["authorization"]
    head = f"POST /v1/submissions HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\nidempotency-key: k\r\n"
    writer.write(f'{head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"a"'.encode())
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 15)
    writer.close()


async def test_documentation_opens_without_the_internet_and_describes_the_form(pipeline: LocalStack) -> None:
    async with web_session(pipeline.address("intake")) as session:
        async with session.get("/docs") as page:
            assert page.status == 200
            assert "http" not in (await page.text()).replace("http-equiv", "")
        async with session.get("/openapi.json") as document:
            described = await document.json()
    assert described["openapi"].startswith("3.1")
    post = described["paths"]["/v1/submissions"]["post"]
    assert set(post["requestBody"]["content"]["application/json"]["examples"]) == {"own observation", "told by someone"}


async def test_the_examples_of_the_documentation_are_accepted(frontend: Frontend) -> None:
    async with frontend.session.get("/openapi.json") as document:
        described = await document.json()
    content = described["paths"]["/v1/submissions"]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        assert (await frontend.submit(example["value"]))[0] == 202


async def test_a_receipt_lost_between_commit_and_answer_is_given_again(
    frontend: Frontend, pipeline: LocalStack
) -> None:
    """The process is killed with requests in flight; a retry gets the receipt committed under its key."""
    keys = [str(uuid4()) for _ in range(40)]
    posts = [asyncio.create_task(frontend.submit(a_form(), key)) for key in keys]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    pipeline.kill("intake")
    first = await asyncio.gather(*posts, return_exceptions=True)
    pipeline.start("intake")
    await until_ready(pipeline, "intake")
    again = [await frontend.submit(a_form(), key) for key in keys]
    assert {status for status, _ in again} == {202}
    answered = [(a, b[1]) for a, b in zip(first, again, strict=True) if isinstance(a, tuple) and a[0] == 202]
    assert all(before[1]["receipt"] == after["receipt"] for before, after in answered)
    assert len({answer["receipt"] for _, answer in again}) == len(keys)
