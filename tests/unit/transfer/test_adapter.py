"""The meaning of the police system's answers, and a session with a police system that is away."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr, ValidationError

from tests.support.building import NOW
from tests.support.settings import PARKING_KEY
from transfer_service.adapter import PoliceSystem, meaning
from transfer_service.domain import Held, NotHeld, Refused, Request, Transfer, Unclear, Unreachable
from transfer_service.settings import Settings

DIGEST = "a" * 64
RECEIPT = json.dumps({"reference": "NP/2026/000123", "digest": DIGEST}).encode()
NO_SUCH_RECORD = b'{"code": "no_such_record"}'
TRANSFER = Transfer(UUID(int=1), UUID(int=2), DIGEST, b"{}", 1, in_doubt=False, decided_at=NOW)


def settings(**changes: object) -> Settings:
    defaults: dict[str, object] = {
        "operations_port": 8105,
        "database_url": SecretStr("postgresql://nobody@localhost/none"),
        "kafka_bootstrap": "localhost:9092",
        "kafka_username": "transfer",
        "kafka_password": SecretStr("-"),
        "parking_key": SecretStr(PARKING_KEY),
        "signing_key": Path("-"),
        "key_bundle": Path("-"),
        "trust_root": PARKING_KEY,
        "police_url": "http://localhost:1",
        "police_token": SecretStr("-"),
    }
    return Settings(**(defaults | changes))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("status", [200, 201])
def test_a_receipt_says_that_the_record_is_held(status: int) -> None:
    assert meaning(Request.CREATE, status, RECEIPT) == Held("NP/2026/000123", DIGEST)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>It worked!",
        b"[]",
        b"null",
        b'{"reference": "NP/2026/000123"}',
        b'{"reference": "", "digest": "' + b"a" * 64 + b'"}',
        b'{"reference": 7, "digest": "' + b"a" * 64 + b'"}',
        b'{"reference": "NP/2026/000123", "digest": "yes"}',
        b'{"reference": "two\\nlines", "digest": "' + b"a" * 64 + b'"}',
        b'{"reference": "' + b"9" * 101 + b'", "digest": "' + b"a" * 64 + b'"}',
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("request_", list(Request))
def test_a_success_that_cannot_be_read_is_unclear(request_: Request, content: bytes) -> None:
    assert meaning(request_, 200, content) == Unclear("unreadable_answer")


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 100, 204, 600])
def test_a_creation_that_may_have_happened_is_unclear(status: int) -> None:
    assert isinstance(meaning(Request.CREATE, status, b""), Unclear)


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
def test_a_refusal_of_the_record_is_a_refusal(status: int) -> None:
    assert meaning(Request.CREATE, status, b"") == Refused(f"status_{status}")


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 405, 429])
def test_a_refusal_that_would_meet_every_record_is_not_this_records(status: int) -> None:
    assert meaning(Request.CREATE, status, b"") == Unreachable(f"status_{status}", reached=True)


def test_only_the_police_system_itself_can_say_that_nothing_is_held() -> None:
    assert meaning(Request.LOOK_UP, 404, NO_SUCH_RECORD) == NotHeld()
    assert meaning(Request.LOOK_UP, 404, b"<html>Not Found") == Unreachable("status_404", reached=True)
    assert meaning(Request.LOOK_UP, 404, b"[]") == Unreachable("status_404", reached=True)


@pytest.fixture
async def nobody_there() -> AsyncGenerator[PoliceSystem, None]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        async with PoliceSystem.connect(settings(police_url=f"http://127.0.0.1:{unused.getsockname()[1]}")) as police:
            yield police


@pytest.mark.parametrize("request_", list(Request))
async def test_a_refused_connection_had_no_effect(nobody_there: PoliceSystem, request_: Request) -> None:
    assert await nobody_there.ask(request_, TRANSFER) == Unreachable("ClientConnectorError")


async def test_a_police_system_that_never_answers_leaves_a_doubt() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with PoliceSystem.connect(settings(police_url=url, police_timeout_seconds=0.05)) as police:
            assert isinstance(await police.ask(Request.CREATE, TRANSFER), Unclear)


def test_a_lease_shorter_than_one_record_may_take_is_refused() -> None:
    with pytest.raises(ValidationError):
        settings(lease_seconds=10, police_timeout_seconds=5)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("request_", Request)
async def test_a_redirect_is_not_followed_so_that_no_token_goes_elsewhere(status: int, request_: Request) -> None:
    """The redirect leads to the same listener, so the test would see a request that follows it."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        address = b"http://127.0.0.1:%d/elsewhere" % port
        writer.write(b"HTTP/1.1 %d x\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % (status, address))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, PoliceSystem.connect(settings(police_url=f"http://127.0.0.1:{port}")) as police:
        assert await police.ask(request_, TRANSFER) == Unreachable(f"status_{status}", reached=True)
    assert len(asked) == 1
    assert b"/elsewhere" not in asked[0]
