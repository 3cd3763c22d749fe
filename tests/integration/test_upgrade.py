"""The end of one request and the start of the next: no header moves it, and each request has one answer."""

import asyncio
import json
import re

import pytest

from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.intake import Frontend, new_idempotency_key
from tests.support.stack import SERVED
from tests.support.web import open_wire

CRLF = b"\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
FORM = json.dumps(a_form()).encode()
SMUGGLED = b"GET /v1/submissions/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
LAST = b"GET /the-last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
PROPOSALS: dict[str, tuple[bytes, ...]] = {
    "as Java's client sends it": (
        b"Connection: Upgrade, HTTP2-Settings",
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        b"Upgrade: h2c",
    ),
    "in capitals": (b"CONNECTION: UPGRADE", b"UPGRADE: H2C"),
    "a web socket": (b"Connection: keep-alive, Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
    "several": (b"Upgrade: h2c, foo/2, websocket", b"Connection: upgrade"),
    "in two lines": (b"Connection: keep-alive", b"Connection: Upgrade", b"Upgrade: h2c", b"Upgrade: TLS/1.0"),
    "of nothing": (b"Connection: Upgrade", b"Upgrade:"),
    "not named as hop by hop": (b"Upgrade: h2c",),
    "announced only": (b"Connection: Upgrade",),
}
SPLITS = ("whole", "byte by byte", "header and body apart")


def with_length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def with_chunks(body: bytes) -> bytes:
    half = len(body) // 2
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b"")]
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


FRAMINGS = {"length": with_length, "chunks": with_chunks}


def request(first: bytes, *lines: bytes) -> bytes:
    return CRLF.join((first, b"Host: x", *lines, b""))


def post(frontend: Frontend, *lines: bytes) -> bytes:
    authorization = b"Authorization: " + frontend.session.headers["authorization"].encode()
    key = b"Idempotency-Key: " + new_idempotency_key().encode()
    return request(b"POST /v1/submissions HTTP/1.1", authorization, key, b"Content-Type: application/json", *lines)


def pieces(sent: bytes, how: str) -> list[bytes]:
    if how == "byte by byte":
        return [sent[at : at + 1] for at in range(len(sent))]
    head, gap, body = sent.partition(CRLF * 2)
    return [head + gap, body] if how == "header and body apart" else [sent]


async def exchange(address: str, *parts: bytes) -> tuple[list[int], bytes]:
    """Send parts unchanged; return the status of each answer, and all bytes up to the end of the connection."""
    reader, writer = await open_wire(address)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        got = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
    return [int(status) for status in STATUS.findall(got)], got


@pytest.mark.parametrize("how", SPLITS)
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("proposal", PROPOSALS)
async def test_a_submission_that_proposes_another_protocol_is_accepted_like_any_other(
    pipeline: LocalStack, frontend: Frontend, proposal: str, framing: str, how: str
) -> None:
    submission = post(frontend, *PROPOSALS[proposal]) + FRAMINGS[framing](FORM)
    assert (await exchange(pipeline.address("intake"), *pieces(submission, how), LAST))[0] == [202, 404]


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("proposal", PROPOSALS)
@pytest.mark.parametrize("service", SERVED)
async def test_a_body_that_is_a_request_is_not_read_as_one(
    pipeline: LocalStack, service: str, proposal: str, framing: str
) -> None:
    for path in (b"/nowhere", b"/sign-in", b"/v1/submissions"):
        first = request(b"POST %s HTTP/1.1" % path, *PROPOSALS[proposal]) + FRAMINGS[framing](SMUGGLED * 3)
        statuses, got = await exchange(pipeline.address(service), first, LAST)
        assert len(statuses) == 2
        assert b"smuggled" not in got


async def test_requests_sent_before_the_first_answer_are_each_answered_once_and_in_order(
    pipeline: LocalStack, frontend: Frontend
) -> None:
    proposal = PROPOSALS["as Java's client sends it"]
    sent = b"".join(
        (
            post(frontend, *proposal) + with_length(FORM),
            request(b"GET /nowhere HTTP/1.1", *proposal) + CRLF,
            post(frontend, *proposal) + with_chunks(SMUGGLED),
            request(b"GET /v1/submissions HTTP/1.1") + CRLF,
            post(frontend) + with_length(FORM),
        )
    )
    for parts in ([sent + LAST], [*pieces(sent, "byte by byte"), LAST]):
        assert (await exchange(pipeline.address("intake"), *parts))[0] == [202, 404, 400, 405, 202, 404]


NONSENSE: dict[str, bytes] = {
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another protocol at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nnull" + SMUGGLED,
    "a length and chunks": request(b"POST / HTTP/1.1", *PROPOSALS["in capitals"], b"Content-Length: 4")
    + with_chunks(SMUGGLED),
    "two lengths": request(b"POST / HTTP/1.1", *PROPOSALS["in capitals"], b"Content-Length: 4") + with_length(SMUGGLED),
}


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("service", SERVED)
async def test_nonsense_is_refused_once_and_nothing_after_it_is_read(
    pipeline: LocalStack, service: str, name: str
) -> None:
    statuses, got = await exchange(pipeline.address(service), NONSENSE[name] + SMUGGLED + LAST)
    assert statuses == [400]
    assert b"smuggled" not in got


@pytest.mark.parametrize("name", NONSENSE)
async def test_a_submission_is_answered_before_the_nonsense_after_it_is_refused(
    pipeline: LocalStack, frontend: Frontend, name: str
) -> None:
    sent = post(frontend) + with_length(FORM) + NONSENSE[name] + LAST
    assert (await exchange(pipeline.address("intake"), sent))[0] == [202, 400]


async def test_what_comes_after_the_last_request_is_not_read(pipeline: LocalStack, frontend: Frontend) -> None:
    for lines in ((b"Connection: close",), (b"Connection: close, Upgrade", b"Upgrade: h2c")):
        sent = post(frontend, *lines) + with_length(FORM) + SMUGGLED
        assert (await exchange(pipeline.address("intake"), sent))[0] == [202]


async def test_a_header_after_a_chunked_body_changes_nothing(pipeline: LocalStack, frontend: Frontend) -> None:
    undeclared = post(frontend).replace(b"application/json", b"text/plain")
    trailer = b"Content-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    sent = undeclared + with_chunks(FORM)[: -len(CRLF)] + trailer + LAST
    assert (await exchange(pipeline.address("intake"), sent))[0] == [415, 404]


async def test_more_requests_at_once_than_are_kept_for_later_are_refused_after_the_answers_to_the_others(
    pipeline: LocalStack,
) -> None:
    statuses, _ = await exchange(pipeline.address("intake"), b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n" * 3_000)
    assert statuses[-1] == 400
    assert set(statuses[:-1]) == {404}
    assert len(statuses) < 40
