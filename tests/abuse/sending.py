"""Sending at full speed, each submission once; every answer is counted."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson

from pipeline_local.stack import LocalStack
from pipeline_simulators.feed import Outgoing
from tests.support.web import web_session

SECONDS = 30.0


@dataclass(slots=True)
class Answers:
    """The answers: counts by status, and the receipts of accepted submissions."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    receipts: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        return ", ".join(f"{number} x {status}" for status, number in sorted(self.statuses.items())) or "-"


async def submit_all(stack: LocalStack, submissions: Sequence[Outgoing], *, at_once: int) -> Answers:
    """Post every submission once."""
    answers, waiting = Answers(), iter(submissions)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with web_session(stack.address("intake"), limit=at_once, timeout=timeout) as session:

        async def work() -> None:
            for submission in waiting:  # shared: each connection takes the next one
                answers.statuses[await submit(session, submission, answers.receipts)] += 1

        await asyncio.gather(*(work() for _ in range(at_once)))
    return answers


async def submit(session: aiohttp.ClientSession, submission: Outgoing, receipts: list[str]) -> str:
    """Post a submission once; note its receipt and return its status, or note that no answer came."""
    headers = {
        "authorization": f"Bearer {submission.api_key}",
        "idempotency-key": submission.key,
        "content-type": "application/json",
    }
    try:
        async with session.post("/v1/submissions", data=submission.body, headers=headers) as answer:
            if answer.status == 202:
                receipts.append(orjson.loads(await answer.read())["receipt"])
            return str(answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return "no answer"
