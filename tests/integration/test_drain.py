"""A process that was told to end says so, answers on for a while, and ends when nothing is open any more."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator

import pytest

from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.copies import Copy
from tests.support.intake import Frontend, add_agency, until_known
from tests.support.waiting import wait_for
from tests.support.web import open_wire, web_session

DRAIN_SECONDS = 4
HALF = b"GET /v1/submissions/none HTTP/1.1\r\nhost: x\r\n"
REST = b"\r\n"


@pytest.fixture
async def intake(pipeline: LocalStack) -> AsyncGenerator[Copy, None]:
    copy = Copy.of(pipeline, "intake", 2, DRAIN_SECONDS=str(DRAIN_SECONDS))
    copy.start()
    await copy.until_ready()
    yield copy
    await copy.stop()


@pytest.fixture
async def frontend(pipeline: LocalStack, intake: Copy) -> AsyncGenerator[Frontend, None]:
    key = await add_agency(pipeline, "Drained")
    async with web_session(intake.address, headers={"authorization": f"Bearer {key}"}) as session:
        frontend = Frontend(session)
        await until_known(frontend)
        yield frontend


def tell_to_end(copy: Copy) -> None:
    os.kill(copy.stack.processes.pid(copy.name) or 0, signal.SIGTERM)


async def until_draining(copy: Copy) -> None:
    async def is_draining() -> bool:
        return await copy.readiness() == (503, {"ready": False, "draining": True, "checks": {}})

    await wait_for(is_draining, "the copy to say that it drains", seconds=2)


async def until_ended(copy: Copy) -> None:
    async def has_ended() -> bool:
        return copy.stack.processes.pid(copy.name) is None

    await wait_for(has_ended, "its end")


async def test_a_copy_that_drains_is_not_ready_and_answers_each_connection_once_more(
    intake: Copy, frontend: Frontend
) -> None:
    tell_to_end(intake)
    await until_draining(intake)
    for _ in range(2):
        async with frontend.session.get("/v1/submissions/none") as answer:
            assert answer.status == 404
            assert answer.headers["connection"] == "close"
    status, _ = await frontend.submit(a_form())
    assert status == 202
    assert not await intake.is_ready()
    await until_ended(intake)
    assert intake.stack.processes.exited() == [(intake.program, -signal.SIGTERM)]


async def test_after_the_drain_nobody_new_comes_in_and_what_has_begun_is_answered(
    intake: Copy, frontend: Frontend
) -> None:
    del frontend
    reader, writer = await open_wire(intake.address)
    writer.write(HALF)
    idle, _ = await open_wire(intake.address)
    tell_to_end(intake)
    await until_draining(intake)
    assert await asyncio.wait_for(idle.read(), DRAIN_SECONDS + 5) == b""  # closed at the end of the drain
    with pytest.raises(ConnectionRefusedError):
        await open_wire(intake.address)
    assert not await intake.is_ready()
    writer.write(REST)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer
    await until_ended(intake)
