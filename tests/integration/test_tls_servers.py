"""Every server refuses clients in clear text and old TLS, and no unfinished handshake keeps others out."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncGenerator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from starlette.responses import PlainTextResponse

from pipeline_admin.kafka_admin import create_admin
from pipeline_local.certificates import LOOPBACK_NAMES, load_authority
from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime import listener
from pipeline_shared.runtime.connections import Connection, Connections, Limits
from pipeline_shared.runtime.listener import Door, Listener
from pipeline_shared.runtime.server import serve_beside
from pipeline_shared.runtime.tls import TlsContext, TlsFiles, server_tls
from tests.integration.test_connections import ADDRESSES, crowd
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.kafka import client
from tests.support.stack import OURS, SERVED

REQUEST = b"GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
PLACES = [*SERVED, "police", *(f"{name}: operations" for name in OURS)]


def port_of(stack: LocalStack, place: str) -> int:
    name, _, operations = place.partition(": ")
    return urlsplit(stack.operations_address(name) if operations else stack.address(name)).port or 0


async def answer_in_clear(port: int, request: bytes = REQUEST, address: str = LOOPBACK) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port, local_addr=(address, 0))
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("place", PLACES)
async def test_no_page_and_no_port_answers_in_clear_text(pipeline: LocalStack, place: str) -> None:
    answer = await answer_in_clear(port_of(pipeline, place))
    assert not answer.startswith(b"HTTP/")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_no_page_and_no_port_speaks_a_tls_older_than_1_2(pipeline: LocalStack, place: str) -> None:
    old = pipeline.tls()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection(LOOPBACK, port_of(pipeline, place), ssl=old)


async def test_the_broker_refuses_clients_in_clear_text(stack: LocalStack) -> None:
    in_clear: dict[str, Any] = {**client(stack, "admin"), "security_protocol": "SASL_PLAINTEXT"}
    producer = AIOKafkaProducer(**in_clear, request_timeout_ms=3_000)
    with pytest.raises((KafkaError, OSError)):
        await producer.start()
    await producer.stop()
    admin = create_admin(stack.kafka.address, "admin", password=stack.keys.kafka["admin"], protocol="SASL_PLAINTEXT")
    with pytest.raises(KafkaException):
        await asyncio.to_thread(admin.list_topics, timeout=2)


@pytest.mark.parametrize("mode", ["disable", "allow"])
async def test_the_database_refuses_clients_in_clear_text(stack: LocalStack, mode: str) -> None:
    dsn = urlsplit(stack.admin_dsn("intake"))._replace(query="sslmode=disable").geturl()
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(dsn)
    connection = await asyncpg.connect(stack.admin_dsn("intake"))
    in_clear = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE NOT ssl AND client_port > 0"
    assert (mode, await connection.fetchval(in_clear)) == (mode, 0)
    await connection.close()


async def plain(scope: object, receive: object, send: object) -> None:
    await PlainTextResponse("done")(scope, receive, send)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def tls(stack: LocalStack, tmp_path: Path) -> TlsContext:
    file = tmp_path / "own.pem"
    file.write_bytes(load_authority(stack.home).issue(LOOPBACK_NAMES))
    return server_tls(TlsFiles(certificate=file))


async def ask(stack: LocalStack, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=stack.tls())
    try:
        writer.write(REQUEST)
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"], ids=["say nothing", "begin a handshake"])
async def test_a_client_is_served_beside_more_unfinished_handshakes_than_there_may_be_connections(
    stack: LocalStack, tls: TlsContext, unused_tcp_port: int, said: bytes
) -> None:
    limits = Limits(connections=20, in_hand=4, per_address=10)
    async with serve_beside(plain, LOOPBACK, unused_tcp_port, tls=tls, limits=limits):
        for addresses in (ADDRESSES, [LOOPBACK]):
            async with crowd(unused_tcp_port, said, addresses, 100):
                assert (await ask(stack, unused_tcp_port)).startswith(b"HTTP/1.1 200 ")


async def test_intake_accepts_a_submission_beside_clients_that_never_end_their_handshake(
    pipeline: LocalStack, frontend: Frontend
) -> None:
    async with crowd(pipeline.ports["intake"], b"\x16\x03\x01", ADDRESSES):
        assert {(await frontend.submit(a_form()))[0] for _ in range(5)} == {202}


async def test_a_handshake_that_does_not_end_is_dropped_in_time(
    tls: TlsContext, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listener.HANDSHAKE_SECONDS <= 10
    monkeypatch.setattr(listener, "HANDSHAKE_SECONDS", 0.3)
    async with serve_beside(plain, LOOPBACK, unused_tcp_port, tls=tls):
        began = time.monotonic()
        reader, writer = await asyncio.open_connection(LOOPBACK, unused_tcp_port)
        writer.write(b"\x16")
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        assert time.monotonic() - began < 5
        writer.close()


@contextlib.asynccontextmanager
async def behind_proxies(port: int, proxies: str) -> AsyncGenerator[None, None]:
    """Listen in clear text for some proxies only."""
    book = Connections(Limits(proxies=(ip_network(proxies),)))

    class Telling(asyncio.Protocol):
        def __init__(self, *, handshake: Connection) -> None:
            self.handshake = handshake

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
            transport.close()

    opened = await Listener.open((LOOPBACK, port), Telling, book=book, door=Door(only_proxies=True))
    try:
        yield
    finally:
        opened.close()
        await opened.wait_closed()


async def test_clear_http_is_answered_to_the_trusted_proxies_and_to_nobody_else(unused_tcp_port: int) -> None:
    async with behind_proxies(unused_tcp_port, "127.0.8.0/24"):
        assert (await answer_in_clear(unused_tcp_port, address="127.0.8.7")).startswith(b"HTTP/1.1 200 ")
        assert await answer_in_clear(unused_tcp_port, address="127.0.9.1") == b""
        assert await answer_in_clear(unused_tcp_port) == b""
