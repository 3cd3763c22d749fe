"""The attackers. Each has the key of its own agency and sends only what that key is allowed to send."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import asyncpg

from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import PARTITIONS
from pipeline_simulators.browsing import Browser
from pipeline_simulators.people import SOURCE_DESK
from tests.abuse.sending import Answers, submit_all
from tests.abuse.texts import ALARMING, COSTLY, OF_THE_SOURCE, ORDINARY, filled, outgoing
from tests.support.building import a_form
from tests.support.hostile_batches import a_bomb, drop
from tests.support.waiting import wait_for
from tests.support.web import open_wire

DANGER = "He has a knife and says he will stab her tonight when she comes home."
ADDRESSES = 10
HOLD_SECONDS = 10.0
OPENINGS = 5
MORE_THAN_MAY_BE = 1_500
BOMB_MIB = 400
RECEIVED = ("submission.received.high.v1", "submission.received.v1")


@dataclass(frozen=True, slots=True)
class Ground:
    """The place of one attack: the stack, the key of the attacker, and the amount to send (1 is the full amount)."""

    stack: LocalStack
    api_key: str
    amount: float

    def some(self, number: int) -> int:
        """Return this much of a number, at least one."""
        return max(1, round(number * self.amount))


Attack = Callable[[Ground], Awaitable[Answers]]


async def jam(ground: Ground) -> Answers:
    """Send alarming words at the greatest length allowed: each word alone, then all together."""
    texts = [ALARMING, *(f"{word} " for word in ALARMING.split())]
    forms = [filled(texts[number % len(texts)]) for number in range(ground.some(24))]
    return await _submit(ground, forms, at_once=4)


async def flood(ground: Ground) -> Answers:
    """Send many HIGH submissions at once."""
    return await _submit(ground, [a_form(narrative=DANGER)] * ground.some(400), at_once=64)


async def long_and_high(ground: Ground) -> Answers:
    """Send HIGH submissions of the greatest length allowed."""
    form = filled(ORDINARY, risk={"immediate_danger": "yes"})
    return await _submit(ground, [form] * ground.some(60), at_once=16)


async def costly(ground: Ground) -> Answers:
    """Send the texts that cost the screen most."""
    return await _submit(ground, [filled(COSTLY)] * ground.some(40), at_once=20)


async def held_with_thousands(ground: Ground) -> Answers:
    """Send texts that name their source thousands of times; once one is held, open it again and again."""
    form = filled(OF_THE_SOURCE)
    answers = await _submit(ground, [form] * ground.some(10), at_once=4)
    path = await _held(ground.stack)
    async with Browser(ground.stack.address("desk"), SOURCE_DESK) as desk:
        for page in await asyncio.gather(*(desk.read(path) for _ in range(OPENINGS))):
            answers.statuses[f"page {page.status}"] += 1
    return answers


async def stay_connected(ground: Ground, said: bytes) -> Answers:
    """Hold more connections than the service allows, send a few bytes on each, and then nothing."""
    _allow_open_files()
    answers, number = Answers(), MORE_THAN_MAY_BE
    writers: list[asyncio.StreamWriter] = []
    try:
        for nth in range(number):
            ours = (f"127.0.9.{1 + nth % ADDRESSES}", 0)
            _, writer = await asyncio.open_connection(
                LOOPBACK, ground.stack.ports["intake"], local_addr=ours, ssl=ground.stack.tls()
            )
            writers.append(writer)
            writer.write(said)
        answers.statuses["connected"] = number
        await asyncio.sleep(HOLD_SECONDS * ground.amount)  # the attack itself
    finally:
        for writer in writers:
            writer.transport.abort()
    return answers


async def drop_bombs(ground: Ground) -> Answers:
    """Write compressed batches with intake's stolen credentials: small on the wire and huge when unpacked."""
    answers, batch = Answers(), await asyncio.to_thread(a_bomb, BOMB_MIB)
    for nth in range(ground.some(6)):
        code, _ = await drop(ground.stack, batch, RECEIVED[nth % 2], nth // 2 % PARTITIONS, principal="intake")
        answers.statuses[f"broker {code}"] += 1
    return answers


async def propose_another_protocol(ground: Ground) -> Answers:
    """Send submissions with the `Upgrade` header of Java's client, and bodies that look like requests."""
    answers = Answers()
    smuggled = b"GET /v1/submissions/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
    for nth in range(ground.some(100)):
        submission = outgoing(ground.api_key, a_form())
        body = submission.body if nth % 2 else smuggled * 3
        for status in await _ask(ground, _as_java(submission.api_key, submission.key, body)):
            answers.statuses[status] += 1
    return answers


def _as_java(api_key: str, key: str, body: bytes) -> bytes:
    lines = (
        "POST /v1/submissions HTTP/1.1",
        "Connection: Upgrade, HTTP2-Settings",
        f"Content-Length: {len(body)}",
        "Host: intake.example",
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        "Upgrade: h2c",
        f"Authorization: Bearer {api_key}",
        "Content-Type: application/json",
        f"Idempotency-Key: {key}",
    )
    last = b"GET /the-last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    return "\r\n".join((*lines, "", "")).encode() + body + last


async def _ask(ground: Ground, request: bytes) -> list[str]:
    reader, writer = await open_wire(ground.stack.address("intake"))
    writer.write(request)
    got = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return [part[:3].decode() for part in got.split(b"HTTP/1.1 ")[1:]]


async def _submit(ground: Ground, forms: list[dict[str, object]], *, at_once: int) -> Answers:
    submissions = [outgoing(ground.api_key, form) for form in forms]
    return await submit_all(ground.stack, submissions, at_once=at_once)


async def _held(stack: LocalStack) -> str:
    """Return the address of a submission that is held at the source desk."""
    connection = await asyncpg.connect(stack.admin_dsn("restricted"))
    try:

        async def first() -> object:
            return await connection.fetchval("SELECT submission_ref FROM held ORDER BY held_at DESC LIMIT 1")

        return f"/held/{await wait_for(first, 'a held submission', seconds=90)}"
    finally:
        await connection.close()


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4_096), hard), hard))


ATTACKERS: dict[str, Attack] = {
    "nobody": lambda ground: _submit(ground, [a_form()] * ground.some(20), at_once=1),
    "alarming words that jam": jam,
    "a flood of HIGH": flood,
    "long and HIGH": long_and_high,
    "costly to screen": costly,
    "held with thousands of findings": held_with_thousands,
    "idle connections": partial(stay_connected, said=b""),
    "half a header": partial(stay_connected, said=b"POST /v1/submissions HTTP/1.1\r\nhost: x\r\nx: "),
    "half a body": partial(
        stay_connected, said=b"POST /v1/submissions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"
    ),
    "compressed bombs": drop_bombs,
    "another protocol": propose_another_protocol,
}
