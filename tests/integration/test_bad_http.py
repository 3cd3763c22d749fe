"""Abuse of HTTP: smuggling, endless and huge requests, undeclared bodies, unknown addresses and methods."""

import asyncio
import contextlib
import gzip
import json
from typing import Any

import aiohttp
import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.intake import Frontend, new_idempotency_key, stored
from tests.support.web import open_wire

HOSTILE_MARK = "zqhostile"
MEGABYTE = 1024 * 1024
Databases = dict[str, asyncpg.Connection]


async def exchange(pipeline: LocalStack, request: bytes) -> bytes:
    """Send bytes unchanged; return the answer up to the end of the connection or a silence."""
    reader, writer = await open_wire(pipeline.address("intake"))
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(2_000), 5)
    finally:
        writer.close()


def head_of(frontend: Frontend, *lines: bytes) -> bytes:
    authorization = frontend.session.headers["authorization"].encode()
    first = (b"POST /v1/submissions HTTP/1.1", b"host: x", b"authorization: " + authorization, b"idempotency-key: k")
    return b"\r\n".join((*first, *lines, b"", b""))


SMUGGLED = b"GET /zqhostile HTTP/1.1\r\nhost: x\r\n\r\n"
AMBIGUOUS: dict[str, tuple[bytes, ...]] = {
    "length and chunks": (b"content-length: 4", b"transfer-encoding: chunked"),
    "chunks and length": (b"transfer-encoding: chunked", b"content-length: 4"),
    "two lengths": (b"content-length: 4", b"content-length: 44"),
    "a signed length": (b"content-length: +4",),
    "a negative length": (b"content-length: -4",),
    "a length beyond numbers": (b"content-length: " + b"9" * 40,),
    "an unknown coding": (b"transfer-encoding: xchunked",),
    "chunked, then more": (b"transfer-encoding: chunked, identity",),
    "a folded line": (b"x: a", b" b"),
    "a space before the colon": (b"content-length : 4",),
    "a NUL": (b"x: a\0b",),
    "a bare line feed": (b"x: a\nb",),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_a_request_that_two_servers_could_read_differently_is_refused_whole(
    name: str, pipeline: LocalStack, frontend: Frontend
) -> None:
    answer = await exchange(pipeline, head_of(frontend, *AMBIGUOUS[name]) + b"0\r\n\r\n" + SMUGGLED)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"zqhostile" not in answer


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xc3\xa9", b"k" * 129, b"a\tb", b" "])
async def test_an_idempotency_key_of_odd_bytes_is_refused(
    value: bytes, pipeline: LocalStack, frontend: Frontend
) -> None:
    request = head_of(frontend, b"content-length: 4").replace(b"key: k", b"key: " + value) + b"null"
    assert (await exchange(pipeline, request)).startswith(b"HTTP/1.1 400 ")


async def pour(writer: asyncio.StreamWriter) -> None:
    for _ in range(50):
        writer.write(b"y" * MEGABYTE)
        await writer.drain()


async def test_an_endless_header_is_cut_off_early_and_memory_stays_flat(pipeline: LocalStack) -> None:
    psutil: Any = pytest.importorskip("psutil")
    process = psutil.Process(pipeline.processes.pid("intake"))
    before = process.memory_info().rss
    reader, writer = await open_wire(pipeline.address("intake"))
    writer.write(b"GET / HTTP/1.1\r\nx: ")
    with contextlib.suppress(ConnectionError):  # over TLS the writer may notice the end only after it has written all
        await pour(writer)
    assert process.memory_info().rss - before < 10 * MEGABYTE
    answer = b""
    with contextlib.suppress(ConnectionError):  # cut off while the flood was on its way
        answer = await reader.read()
    assert not answer or b" 431 " in answer


async def test_fifty_megabytes_that_really_come_are_refused_early(pipeline: LocalStack, frontend: Frontend) -> None:
    psutil: Any = pytest.importorskip("psutil")
    process = psutil.Process(pipeline.processes.pid("intake"))
    before = process.memory_info().rss
    size = 50 * MEGABYTE
    head = head_of(frontend, b"content-type: application/json", b"content-length: %d" % size)
    answers = await asyncio.gather(*(exchange(pipeline, head + bytes(size)) for _ in range(2)), return_exceptions=True)
    assert all(isinstance(a, ConnectionError) or (isinstance(a, bytes) and b" 413 " in a[:20]) for a in answers)
    assert process.memory_info().rss - before < 10 * MEGABYTE


FORM = json.dumps(a_form()).encode()
UNDECLARED: dict[str, tuple[bytes, dict[str, str]]] = {
    "plain text": (FORM, {"content-type": "text/plain"}),
    "a web form": (FORM, {"content-type": "application/x-www-form-urlencoded"}),
    "nothing": (FORM, {"content-type": ""}),
    "a hostile type": (FORM, {"content-type": "zqhostile/zqhostile"}),
    "gzip": (gzip.compress(FORM), {"content-type": "application/json", "content-encoding": "gzip"}),
    "gzip that is none": (FORM, {"content-type": "application/json", "content-encoding": "gzip"}),
    "a bomb": (gzip.compress(bytes(20 * MEGABYTE)), {"content-type": "application/json", "content-encoding": "gzip"}),
}


@pytest.mark.parametrize("name", UNDECLARED)
async def test_a_body_that_is_not_declared_as_plain_json_is_refused(
    name: str, frontend: Frontend, databases: Databases
) -> None:
    before, (body, headers) = await stored(databases), UNDECLARED[name]
    headers = headers | {"idempotency-key": new_idempotency_key()}
    async with frontend.session.post("/v1/submissions", data=body, headers=headers) as answer:
        await assert_refused(answer, 415)
    assert await stored(databases) == before


async def assert_refused(answer: aiohttp.ClientResponse, status: int) -> None:
    """Check that a refusal is problem+json with a code, repeats no input, and redirects to nowhere."""
    text = await answer.text()
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert HOSTILE_MARK not in f"{answer.headers} {text}"
    assert "location" not in answer.headers
    assert answer.method == "HEAD" or json.loads(text)["code"]


@pytest.mark.parametrize(
    "path", ["/zqhostile", "/v1/submissions/?zqhostile", "/v1/submissions/a/zqhostile", "/docs/static/..%2fzqhostile"]
)
async def test_an_address_that_is_none_is_refused_like_everything_else(frontend: Frontend, path: str) -> None:
    async with frontend.session.get(path, headers={"host": "zqhostile.example"}, allow_redirects=False) as answer:
        await assert_refused(answer, 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_a_method_that_an_address_does_not_have_is_refused_like_everything_else(
    frontend: Frontend, method: str
) -> None:
    async with frontend.session.request(method, "/v1/submissions?zqhostile") as answer:
        await assert_refused(answer, 405)
        assert answer.headers["allow"] == "POST"
