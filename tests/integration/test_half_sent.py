"""Requests that begin and never end: every service closes them, or they would use up all connections."""

import asyncio

from pipeline_local.stack import LocalStack
from tests.support.stack import SERVED
from tests.support.web import open_wire

LET_GO_SECONDS = 20
FORM = b"content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ncsrf="


async def open_half(
    stack: LocalStack, service: str, request: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await open_wire(stack.address(service))
    writer.write(request)
    return reader, writer


async def test_a_form_that_stops_half_way_is_answered_and_its_connection_closed(pipeline: LocalStack) -> None:
    await asyncio.gather(*(stop_half_way(pipeline, service) for service in ("desk", "triage")))


async def stop_half_way(stack: LocalStack, service: str) -> None:
    asked = b"POST /sign-in/back-channel-logout HTTP/1.1\r\nhost: x\r\n"
    reader, writer = await open_half(stack, service, asked + FORM)
    answer = await asyncio.wait_for(reader.read(), LET_GO_SECONDS)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive" in answer
    writer.close()


async def test_a_body_that_nothing_reads_does_not_keep_its_connection(pipeline: LocalStack) -> None:
    await asyncio.gather(*(drip_after_the_answer(pipeline, service) for service in SERVED))


async def drip_after_the_answer(stack: LocalStack, service: str) -> None:
    """Get the answer before the body ends, then send the body byte by byte until the server closes the connection."""
    reader, writer = await open_half(stack, service, b"POST /nowhere HTTP/1.1\r\nhost: x\r\n" + FORM)
    assert b" 404 " in await asyncio.wait_for(reader.readline(), 5)
    dripping = asyncio.create_task(drip(writer))
    try:
        await asyncio.wait_for(reader.read(), LET_GO_SECONDS)
    finally:
        dripping.cancel()
        writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    for _ in range(50):
        await asyncio.sleep(0.5)  # the attack itself, not a wait: it keeps a connection from looking idle
        writer.write(b"x")
