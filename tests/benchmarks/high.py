"""HIGH submissions beside a backlog: the time from the request to the flag's row in triage.

To build the backlog, ordinary submissions are sent while the sanitiser is stopped. Then the sanitiser starts again,
ordinary submissions continue, and HIGH ones are sent among them. The flag's time comes from the database, which uses
the clock of this machine.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import asyncpg

from intake_service.submissions.usecases import screen_submission
from pipeline_local.stack import LocalStack
from pipeline_shared.language.restricted import Submission
from pipeline_simulators.feed import Outgoing
from tests.benchmarks.load import Pace, send
from tests.support.waiting import wait_for

BACKLOG, ORDINARY_RATE, HIGH_RATE, SECONDS = 20_000, 50.0, 5.0, 30
CONNECTIONS = 32
SETTLE_SECONDS = 60
DANGER = "He has a knife and says he will stab her tonight when she comes home."

SEPARATED = "SELECT count(*) FROM source_record"


def ordinary_only(submissions: Sequence[Outgoing]) -> list[Outgoing]:
    """Return the submissions in which the safety screen finds nothing."""
    forms = [(outgoing, Submission.model_validate_json(outgoing.body)) for outgoing in submissions]
    return [outgoing for outgoing, form in forms if not screen_submission(form).hits]


def _again(submissions: Sequence[Outgoing], count: int) -> list[Outgoing]:
    """Return as many submissions as wanted, each under an idempotency key of its own."""
    return [replace(outgoing, key=str(uuid4())) for outgoing in islice(cycle(submissions), count)]


def _high(submissions: Sequence[Outgoing], count: int) -> list[Outgoing]:
    def dangerous(outgoing: Outgoing) -> Outgoing:
        form: dict[str, Any] = json.loads(outgoing.body)
        return replace(outgoing, body=json.dumps({**form, "narrative": DANGER}).encode())

    return [dangerous(outgoing) for outgoing in _again(submissions, count)]


async def run_high(stack: LocalStack, submissions: Sequence[Outgoing]) -> dict[str, float]:
    """Return the seconds from each HIGH request to its flag, and the length of the backlog."""
    ordinary = ordinary_only(submissions)
    stack.processes.stop(["sanitiser"])
    await send(stack.ports["intake"], _again(ordinary, BACKLOG), Pace(CONNECTIONS), stack.tls())
    triage = await asyncpg.connect(stack.admin_dsn("triage"))
    restricted = await asyncpg.connect(stack.admin_dsn("restricted"))
    try:
        before = int(await restricted.fetchval(SEPARATED) or 0)
        stack.start("sanitiser")
        await _until_working(restricted, before)
        return await _measure(stack, ordinary, triage, restricted, before)
    finally:
        await triage.close()
        await restricted.close()


async def _measure(
    stack: LocalStack,
    ordinary: Sequence[Outgoing],
    triage: asyncpg.Connection,
    restricted: asyncpg.Connection,
    before: int,
) -> dict[str, float]:
    left = BACKLOG + before - int(await restricted.fetchval(SEPARATED) or 0)
    high = _high(ordinary, int(HIGH_RATE * SECONDS))
    began, port, tls = time.time(), stack.ports["intake"], stack.tls()
    await asyncio.gather(
        send(port, _again(ordinary, int(ORDINARY_RATE * SECONDS)), Pace(8, ORDINARY_RATE), tls),
        send(port, high, Pace(4, HIGH_RATE), tls),
    )
    dues = [began + number / HIGH_RATE for number in range(len(high))]
    arrived = await _flags(triage, len(high), began)
    waits = sorted(at - due for at, due in zip(arrived, dues, strict=True))
    still = BACKLOG + before + int(ORDINARY_RATE * SECONDS) + len(high) - int(await restricted.fetchval(SEPARATED) or 0)
    return {
        "high_sent": len(high),
        "p50_seconds": round(waits[len(waits) // 2], 3),
        "p99_seconds": round(waits[min(int(len(waits) * 0.99), len(waits) - 1)], 3),
        "longest_seconds": round(waits[-1], 3),
        "backlog_at_start": left,
        "backlog_at_end": still,
    }


async def _flags(triage: asyncpg.Connection, count: int, began: float) -> list[float]:
    """Return the time at which each flag's row appeared, in order.

    Flags that share a time may be exchanged; this changes no wait.
    """
    query = "SELECT extract(epoch FROM arrived_at)::float AS at FROM safety_flag WHERE arrived_at >= to_timestamp($1)"

    async def all_there() -> list[float]:
        found = [row["at"] for row in await triage.fetch(query, began)]
        return sorted(found) if len(found) >= count else []

    return await wait_for(all_there, "every flag", seconds=SETTLE_SECONDS)


async def _until_working(restricted: asyncpg.Connection, before: int) -> None:
    async def works() -> bool:
        return int(await restricted.fetchval(SEPARATED) or 0) > before

    await wait_for(works, "the sanitiser", seconds=SETTLE_SECONDS)
