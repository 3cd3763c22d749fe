"""Sends submissions to intake as portal frontends do: with API keys, Idempotency-Keys and retries.

After a lost answer, a submission is sent again under its idempotency key, so it counts once. The code does little work
per request, because it shares two cores with the whole stack.
"""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
import orjson

from pipeline_shared.runtime.retry import Backoff

REQUEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One submission to send: the API key, the idempotency key, and the form as JSON."""

    api_key: str
    key: str
    body: bytes


@dataclass(slots=True)
class FeedResult:
    """The results of a feed: receipts in order of arrival, refusals by code, seconds from first try to receipt."""

    receipts: list[str] = field(default_factory=list[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    unanswered: int = 0
    retries: int = 0
    latencies: list[float] = field(default_factory=list[float])
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """Return the latency in seconds below which this share of the receipts arrived."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The load: concurrent requests, submissions a second (0 for no limit), and the patience in seconds."""

    concurrency: int = 16
    rate: float = 0.0
    give_up_seconds: float = 120.0


def _ignore(_done: int) -> None:
    """Report no progress."""


async def feed(
    intake: str,
    outgoing: Iterator[Outgoing],
    *,
    pace: Pace,
    tls: ssl.SSLContext | None = None,
    on_done: Callable[[int], None] = _ignore,
) -> FeedResult:
    """Send every submission and return the results; `on_done` is called for each settled submission.

    `tls` says whom to trust; without it, the system's authorities.
    """
    feeder = _Feeder(outgoing, pace, on_done)
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
    connector = aiohttp.TCPConnector(limit=pace.concurrency, ssl=tls or ssl.create_default_context())
    async with aiohttp.ClientSession(
        intake, timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        await asyncio.gather(*(feeder.work(session) for _ in range(pace.concurrency)))
    feeder.result.seconds = time.perf_counter() - feeder.began
    return feeder.result


class _Feeder:
    """The shared state of the senders of one feed."""

    def __init__(self, outgoing: Iterator[Outgoing], pace: Pace, on_done: Callable[[int], None]) -> None:
        self._outgoing = outgoing
        self._pace = pace
        self._on_done = on_done
        self.began = time.perf_counter()
        self._started = 0
        self.result = FeedResult()

    async def work(self, session: aiohttp.ClientSession) -> None:
        """Send one submission after another until none is left."""
        for submission in self._outgoing:  # all senders share this iterator
            number, self._started = self._started, self._started + 1
            if self._pace.rate:
                await asyncio.sleep(self.began + number / self._pace.rate - time.perf_counter())
            await self._deliver(session, submission)
            self._on_done(1)

    async def _deliver(self, session: aiohttp.ClientSession, submission: Outgoing) -> None:
        began, backoff = time.perf_counter(), Backoff(first=0.1, longest=2.0)
        while time.perf_counter() - began < self._pace.give_up_seconds:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                if await self._attempt(session, submission, began):
                    return
            self.result.retries += 1
            await asyncio.sleep(backoff.next_pause())
        self.result.unanswered += 1

    async def _attempt(self, session: aiohttp.ClientSession, submission: Outgoing, began: float) -> bool:
        """Send once; return whether the answer is final."""
        headers = {
            "authorization": f"Bearer {submission.api_key}",
            "idempotency-key": submission.key,
            "content-type": "application/json",
        }
        async with session.post("/v1/submissions", data=submission.body, headers=headers) as answer:
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                return False
            content = orjson.loads(await answer.read())
        if answer.status == HTTPStatus.ACCEPTED:
            self.result.receipts.append(content["receipt"])
            self.result.latencies.append(time.perf_counter() - began)
        else:
            self.result.refused[f"{answer.status} {content.get('code', '')}".strip()] += 1
        return True
