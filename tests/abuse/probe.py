"""The probe: HIGH submissions of another agency, timed from the request to the flag on triage's list.

The probe submits ten times a second. A flag does not say which submission it belongs to. The probe's flags are
recognised by a category that no attacker uses, and the nth flag is matched with the nth submission, so waits can be
exchanged only among the probe's own submissions.
"""

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp
import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SERVICES
from tests.abuse.sending import Answers, submit
from tests.abuse.texts import outgoing
from tests.support.building import a_form
from tests.support.waiting import wait_for
from tests.support.web import web_session

EVERY_SECONDS = 0.1
SETTLE_SECONDS = 90.0
CATEGORY = "terrorism"
FORM = a_form(narrative="He has a gun and will kill her tonight.", category=CATEGORY, risk={"weapon": "yes"})
FLAGS = """
SELECT extract(epoch FROM arrived_at)::float AS at FROM safety_flag
WHERE preview->>'category' = $1 AND arrived_at >= to_timestamp($2) ORDER BY arrived_at
"""


@dataclass(slots=True)
class Probed:
    """The probe's results: answers, seconds to each flag, missing flags, and services that were not ready."""

    answers: Answers = field(default_factory=Answers)
    sent_at: list[float] = field(default_factory=list[float])
    waits: list[float] = field(default_factory=list[float])
    missing: int = 0
    asked_ready: int = 0
    not_ready: int = 0

    def percentile(self, share: float) -> float:
        """Return the seconds within which this share of the flags arrived."""
        return self.waits[min(int(len(self.waits) * share), len(self.waits) - 1)] if self.waits else float("inf")


async def probe(stack: LocalStack, api_key: str, stop: asyncio.Event) -> Probed:
    """Submit until `stop`, then wait for the flags and return the results."""
    probed, began = Probed(), time.time()
    timeout = aiohttp.ClientTimeout(total=60)
    async with web_session(stack.address("intake"), timeout=timeout) as session:
        watching = asyncio.create_task(_watch_readiness(stack, stop, probed))
        sending: list[asyncio.Task[None]] = []
        while not stop.is_set():
            due = began + len(sending) * EVERY_SECONDS
            await asyncio.sleep(max(0, due - time.time()))
            sending.append(asyncio.create_task(_send(session, api_key, probed)))
        await asyncio.gather(watching, *sending)
    arrived = await _arrivals(stack, began, len(probed.sent_at))
    probed.missing = len(probed.sent_at) - len(arrived)
    probed.waits = sorted(at - sent for at, sent in zip(arrived, sorted(probed.sent_at), strict=False))
    return probed


async def _send(session: aiohttp.ClientSession, api_key: str, probed: Probed) -> None:
    sent_at = time.time()
    status = await submit(session, outgoing(api_key, FORM), probed.answers.receipts)
    probed.answers.statuses[status] += 1
    if status == "202":
        probed.sent_at.append(sent_at)


async def _watch_readiness(stack: LocalStack, stop: asyncio.Event, probed: Probed) -> None:
    while not stop.is_set():
        for service in SERVICES:
            probed.asked_ready += 1
            probed.not_ready += not await asyncio.to_thread(stack.is_ready, service)
        await asyncio.sleep(0.5)


async def _arrivals(stack: LocalStack, began: float, wanted: int) -> list[float]:
    """Return the arrival time of each flag that came in time."""
    connection = await asyncpg.connect(stack.admin_dsn("triage"))
    arrived: list[float] = []

    async def all_there() -> bool:
        arrived[:] = [row["at"] for row in await connection.fetch(FLAGS, CATEGORY, began)]
        return len(arrived) >= wanted

    try:
        await wait_for(all_there, "the probe's flags", seconds=SETTLE_SECONDS)
    except AssertionError:
        pass  # the missing ones are counted
    finally:
        await connection.close()
    return arrived[:wanted]
