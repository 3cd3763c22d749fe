"""The bare pipeline, started alone and put under the same load."""

import asyncio
import os
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import aiohttp
from confluent_kafka.admin import NewTopic  # pyright: ignore[reportPrivateImportUsage]

from pipeline_local.certificates import authorities_file, certificate_file
from pipeline_local.home import REPOSITORY
from pipeline_local.ports import LOOPBACK
from pipeline_local.processes import Program
from pipeline_local.stack import LocalStack
from pipeline_local.waiting import wait_until
from pipeline_shared.messaging.topics import PARTITIONS, SERVICES
from pipeline_simulators.feed import Outgoing
from tests.benchmarks.bare import TOPICS
from tests.benchmarks.cpu import read_cpu, spent
from tests.benchmarks.figures import Run
from tests.benchmarks.load import Pace, send
from tests.support.waiting import POLL_SECONDS

QUIET_SECONDS = 15.0  # no progress for this long means lost: the bare pipeline keeps nothing to send again


@contextmanager
def bare_services(stack: LocalStack) -> Generator[str]:
    """Run the bare pipeline instead of the services; yield the address of its intake."""
    stack.processes.stop(SERVICES)
    topics = [NewTopic(name, num_partitions=PARTITIONS, replication_factor=1) for name in TOPICS]
    admin = stack.kafka.admin()
    for made in admin.create_topics(topics).values():
        made.result(20)
    names = [f"bare-{name}" for name in SERVICES]
    for service in reversed(SERVICES):  # intake last: when it answers, the others read
        stack.processes.start(_program(stack, service))
    address = f"https://{LOOPBACK}:{stack.ports['intake']}/statuses"
    try:
        wait_until(lambda: _answers(address, stack.tls()), "bare-intake", seconds=30)
        yield address
    finally:
        stack.processes.stop(names)


def _program(stack: LocalStack, service: str) -> Program:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY), os.environ.get("PYTHONPATH", ""))),
        "BARE_KAFKA": stack.kafka.address,
        "BARE_AUTHORITIES": str(authorities_file(stack.home)),
        "BARE_CERTIFICATE": str(certificate_file(stack.home, "intake")),
        "BARE_KAFKA_PASSWORD": stack.keys.kafka["admin"],
        "BARE_PORT": str(stack.ports["intake"]),
        "BARE_POLICE_URL": stack.address("police"),
        "BARE_POLICE_TOKEN": stack.keys.police_token,
    }
    command = (sys.executable, "-m", "tests.benchmarks.bare", service)
    return Program(f"bare-{service}", command, stack.home.logs / f"bare-{service}.log", environment)


async def run_bare(stack: LocalStack, address: str, submissions: Sequence[Outgoing], pace: Pace) -> Run:
    """Send submissions, wait for their receipts and final statuses, and count those that never get one."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=stack.tls())) as session:
        already = await _accepted(session, address)
        before, began = read_cpu(_pids(stack)), time.perf_counter()
        answers = await send(stack.ports["intake"], submissions, pace, stack.tls())

        async def arrived() -> int:
            return await _accepted(session, address) - already

        there, last = await follow(arrived, len(submissions))
    cpu = spent(before, read_cpu(_pids(stack)))
    rates, lost = {"whole way": there / (last - began)}, len(submissions) - there
    return Run(len(submissions), rates, {"HTTP answer": answers}, cpu, lost)


async def follow(
    arrived: Callable[[], Awaitable[int]], wanted: int, *, quiet_seconds: float = QUIET_SECONDS
) -> tuple[int, float]:
    """Return how many submissions have arrived and when the last one did, once all have arrived or no more come."""
    there, last = await arrived(), time.perf_counter()
    while there < wanted and time.perf_counter() - last < quiet_seconds:
        await asyncio.sleep(POLL_SECONDS)
        if (now := await arrived()) != there:
            there, last = now, time.perf_counter()
    return there, last


def _pids(stack: LocalStack) -> dict[str, int]:
    return {name.removeprefix("bare-"): pid for name, pid in stack.processes.pids().items() if name != "postgres"}


async def _accepted(session: aiohttp.ClientSession, address: str) -> int:
    async with session.get(address) as answer:
        return (await answer.json()).get("accepted", 0)


def _answers(address: str, tls: ssl.SSLContext) -> bool:
    try:
        with urlopen(address, timeout=3, context=tls) as answer:  # noqa: S310 - our own loopback address
            return answer.status == 200
    except (URLError, OSError):
        return False
