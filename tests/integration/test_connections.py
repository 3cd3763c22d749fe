"""Slow clients (idle, half-sent, not reading) do not delay a client with a complete request."""

import asyncio
import resource
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from ipaddress import ip_network

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime import protocol
from pipeline_shared.runtime.connections import Limits
from pipeline_shared.runtime.server import serve_beside
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.stack import SERVED
from tests.support.waiting import wait_for

MANY = 1_200  # more than the limit in total
ADDRESSES = [f"127.0.7.{number}" for number in range(1, 11)]
STATIC = b"GET /static/govuk-frontend-6.3.0.min.css HTTP/1.1\r\nhost: x\r\n\r\n"
HALVES: dict[str, bytes] = {
    "say nothing": b"",
    "send half a header": b"POST /v1/submissions HTTP/1.1\r\nhost: x\r\nx: ",
    "send half a body": b"POST /v1/submissions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{",
    "have been answered": b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n",
    "do not read": STATIC * 2,
}
ESTABLISHED = 1  # the first byte of TCP_INFO

TRUSTING = cache(ssl.create_default_context)  # made after the stack, so that it trusts the stack
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module", autouse=True)
def _open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4_096), hard), hard))


async def connect(port: int, address: str, said: bytes = b"", *, secure: bool = False) -> Client:
    """Connect, send some bytes, and read almost nothing of the answer."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    ours.setblocking(False)  # noqa: FBT003 - its only parameter
    ours.bind((address, 0))
    await asyncio.get_running_loop().sock_connect(ours, (LOOPBACK, port))
    tls, name = (TRUSTING(), LOOPBACK) if secure else (None, None)
    reader, writer = await asyncio.open_connection(sock=ours, limit=1, ssl=tls, server_hostname=name)
    writer.write(said)
    return reader, writer


@asynccontextmanager
async def crowd(
    port: int, said: bytes, addresses: list[str], number: int = MANY, *, secure: bool = False
) -> AsyncGenerator[list[Client], None]:
    """Open connections that send some bytes and then nothing, while the block runs."""
    clients: list[Client] = []
    try:
        for at in range(0, number, 100):
            some = [connect(port, addresses[nth % len(addresses)], said, secure=secure) for nth in range(at, at + 100)]
            clients += [made for made in await asyncio.gather(*some, return_exceptions=True) if isinstance(made, tuple)]
        yield clients
    finally:
        for _, writer in clients:
            writer.transport.abort()


async def ask(port: int, request: bytes, address: str = LOOPBACK, *, secure: bool = False) -> bytes:
    tls = TRUSTING() if secure else None
    reader, writer = await asyncio.open_connection(LOOPBACK, port, local_addr=(address, 0), ssl=tls)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 40)
    finally:
        writer.close()


@pytest.mark.parametrize("addresses", [ADDRESSES, [LOOPBACK]], ids=["many addresses", "the probe's address"])
@pytest.mark.parametrize("how", HALVES)
async def test_a_submission_is_accepted_beside_more_connections_than_there_may_be(
    pipeline: LocalStack, frontend: Frontend, how: str, addresses: list[str]
) -> None:
    async with crowd(pipeline.ports["intake"], HALVES[how], addresses, secure=True):
        assert {(await frontend.submit(a_form()))[0] for _ in range(10)} == {202}
        assert await asyncio.to_thread(pipeline.is_ready, "intake")


@pytest.mark.parametrize("service", [site for site in SERVED if site != "intake"])
async def test_every_service_answers_beside_more_connections_than_there_may_be(
    pipeline: LocalStack, service: str
) -> None:
    port = pipeline.ports[service]
    async with AsyncExitStack() as all_kinds:
        for said in HALVES.values():
            await all_kinds.enter_async_context(crowd(port, said, ADDRESSES, MANY // 4, secure=True))
        for _ in range(10):
            answer = await ask(port, b"GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", secure=True)
            assert answer.startswith(b"HTTP/1.1 404 ")


class Slow:
    """An application that answers only when the test allows it."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.may_answer.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def has_been_asked(self, times: int) -> None:
        async def enough() -> bool:
            return self.asked >= times

        await wait_for(enough, f"{times} requests")


ONE = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
LIMITS = Limits(connections=8, in_hand=4, per_address=3, proxies=(ip_network("127.0.8.0/24"),))


async def in_hand(app: Slow, port: int, addresses: list[str]) -> list[Awaitable[bytes]]:
    tasks: list[Awaitable[bytes]] = []
    for number, address in enumerate(addresses, 1):
        tasks.append(asyncio.create_task(ask(port, ONE + b"\r\n", address)))
        await app.has_been_asked(number)
    return tasks


async def test_what_is_beyond_the_bound_is_told_when_to_come_again_and_what_is_in_hand_is_finished(
    unused_tcp_port: int,
) -> None:
    app, port = Slow(), unused_tcp_port
    async with serve_beside(app, LOOPBACK, port, limits=LIMITS), crowd(port, b"", ADDRESSES, 100):
        working = await in_hand(app, port, ADDRESSES[:4])
        async with crowd(port, b"", ADDRESSES, 100):
            refused = await ask(port, ONE + b"\r\n", ADDRESSES[4])
            assert refused.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nretry-after: " in refused
            assert b'"code":"busy"' in refused
        app.may_answer.set()
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in await asyncio.gather(*working))
        assert (await ask(port, ONE + b"\r\n", ADDRESSES[4])).startswith(b"HTTP/1.1 200 ")


async def long_answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("x" * 8_000_000)(scope, receive, send)


async def test_who_does_not_read_gives_way_to_who_asks(unused_tcp_port: int) -> None:
    port = unused_tcp_port
    async with (
        serve_beside(long_answer, LOOPBACK, port, limits=LIMITS),
        crowd(port, ONE + b"\r\n", ADDRESSES, 100) as unread,
    ):
        assert len(await ask(port, ONE + b"\r\n")) > 8_000_000
        assert sum([await has_ended(client) for client in unread]) >= 100 - LIMITS.connections


async def test_who_never_reads_is_let_go_though_nobody_needs_the_connection(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "READ_SECONDS", 0.2)
    async with serve_beside(long_answer, LOOPBACK, unused_tcp_port):
        client = await connect(unused_tcp_port, LOOPBACK, ONE + b"\r\n")
        await wait_for(lambda: has_ended(client), "the end of the connection", seconds=10)


async def has_ended(client: Client) -> bool:
    """Tell whether the server has ended a connection, without reading its data."""
    if client[1].is_closing():  # it was reset while its request was being sent
        return True
    connection = client[1].get_extra_info("socket")
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED


async def test_one_address_cannot_have_all_that_is_worked_on(unused_tcp_port: int) -> None:
    app, port = Slow(), unused_tcp_port
    async with serve_beside(app, LOOPBACK, port, limits=LIMITS):
        working = await in_hand(app, port, ADDRESSES[:1] * 3)
        assert (await ask(port, ONE + b"\r\n", ADDRESSES[0])).startswith(b"HTTP/1.1 503 ")
        (other,) = [asyncio.create_task(ask(port, ONE + b"\r\n", ADDRESSES[1]))]
        await app.has_been_asked(4)
        app.may_answer.set()
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in await asyncio.gather(other, *working))


async def test_behind_a_proxy_of_ours_the_address_counts_that_it_names(unused_tcp_port: int) -> None:
    app, port, proxy = Slow(), unused_tcp_port, "127.0.8.1"

    def named(client: str) -> bytes:
        return ONE + b"x-forwarded-for: 203.0.113.9, " + client.encode() + b"\r\n\r\n"

    async with serve_beside(app, LOOPBACK, port, limits=LIMITS):
        working = [asyncio.create_task(ask(port, named("198.51.100.1"), proxy)) for _ in range(3)]
        await app.has_been_asked(3)
        assert (await ask(port, named("198.51.100.1"), proxy)).startswith(b"HTTP/1.1 503 ")
        other = asyncio.create_task(ask(port, named("198.51.100.2"), proxy))
        await app.has_been_asked(4)
        app.may_answer.set()
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in await asyncio.gather(other, *working))
