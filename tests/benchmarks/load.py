"""The load generator: keep-alive connections that post prepared requests and time each answer.

It shares two cores with the pipeline. It therefore implements only the HTTP it needs, at a tenth of the cost of a
client library.
"""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import orjson

from pipeline_local.ports import LOOPBACK
from pipeline_shared.language.restricted import Agency, SealedContent, Submission
from pipeline_simulators.feed import Outgoing
from pipeline_simulators.fiction.submissions import made_up_submissions
from sanitiser_service.worker.domain import Clear, clear_or_hold
from tests.support.building import NOW

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pace:
    """The load: the number of connections, and submissions a second (0: as fast as they are answered)."""

    connections: int
    rate: float = 0.0


class UnexpectedAnswerError(Exception):
    """The answer to a request was not 202; the error carries the status line."""


def prepare(count: int, api_keys: dict[str, str], *, seed: int) -> list[Outgoing]:
    """Return made-up submissions that go onward without a person: a held one would wait and measure no speed."""
    ready: list[Outgoing] = []
    for made_up in made_up_submissions(2 * count, seed):
        form = Submission.model_validate(made_up.form)
        agency = Agency(name=made_up.agency.name, category=made_up.agency.category)
        content = SealedContent(submission=form, agency=agency, status_token=uuid4(), received_at=NOW)
        if len(ready) < count and isinstance(clear_or_hold(content), Clear):
            ready.append(Outgoing(api_keys[agency.name], str(uuid4()), orjson.dumps(made_up.form)))
    return ready


async def wait_until_due(numbers: Iterable[int], rate: float) -> AsyncIterator[int]:
    """Yield each number when it is due; at rate 0 all are due at once."""
    began = time.perf_counter()
    for nth, number in enumerate(numbers):
        if rate and (early := began + nth / rate - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        yield number


async def send(
    port: int, submissions: Sequence[Outgoing], pace: Pace, tls: ssl.SSLContext | None = None
) -> list[float]:
    """Post every submission; return the seconds from its due time to its answer."""
    requests = iter([_request(submission) for submission in submissions])
    began = time.perf_counter()
    dues = (began + number / pace.rate if pace.rate else 0.0 for number in range(len(submissions)))
    shared = zip(requests, dues, strict=True)
    timed = await asyncio.gather(*(_work(port, shared, tls) for _ in range(pace.connections)))
    return [seconds for latencies in timed for seconds in latencies]


async def _work(port: int, shared: Iterator[tuple[bytes, float]], tls: ssl.SSLContext | None) -> list[float]:
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=tls)
    latencies: list[float] = []
    for request, due in shared:  # each connection takes the next one
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        began = due or time.perf_counter()
        writer.write(request)
        await _answered(reader)
        latencies.append(time.perf_counter() - began)
    writer.close()
    return latencies


async def _answered(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    await reader.readexactly(int(length[1]) if length else 0)
    if not head.startswith(b"HTTP/1.1 202"):
        raise UnexpectedAnswerError(head.partition(b"\r\n")[0].decode())


def _request(submission: Outgoing) -> bytes:
    head = (
        "POST /v1/submissions HTTP/1.1",
        "host: intake.example",
        f"authorization: Bearer {submission.api_key}",
        f"idempotency-key: {submission.key}",
        "content-type: application/json",
        f"content-length: {len(submission.body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + submission.body
