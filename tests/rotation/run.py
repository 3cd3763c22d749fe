"""Every certificate and the authority are replaced while submissions flow and people decide.

After the last step every session of the database is ended and the broker is killed, so that each process makes new
connections with what it has learnt without a restart.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import asyncpg

from pipeline_local.certificates import authorities_file
from pipeline_local.frontends import load_frontends
from pipeline_local.rotation import change_authority, renew_certificates
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.runtime.tls import TlsFiles, client_tls
from pipeline_simulators.feed import Outgoing, Pace, feed
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.outgoing import outgoing_of
from pipeline_simulators.people import Played
from tests.chaos.account import read_account
from tests.chaos.run import Sent, Supervised, people_at_work, until_settled
from tests.support.certificates import until_shown
from tests.support.stack import OURS, trusted
from tests.support.waiting import until_ready, wait_for

MOST = 1_000_000
BETWEEN_STEPS = 50
RECOVERY_SECONDS = 90
WAVE = 25  # submissions on one set of connections: the next wave makes new handshakes
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE '%\\_app'"

Tell = Callable[[str], None]


@dataclass(slots=True)
class Rotated:
    """What became of one run."""

    sent: Sent = field(default_factory=Sent)
    steps: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list[str])


async def rotate_under_load(running: Supervised, *, rate: float, seed: int, tell: Tell) -> Rotated:
    """Rotate everything while `rate` submissions a second flow; return the account of the run."""
    stack, sent, result, began = running.stack, Sent(), Rotated(), time.monotonic()
    api_keys = await load_frontends(stack.home, stack.installation())
    outgoing = outgoing_of(made_up_submissions(MOST, seed), api_keys)
    async with people_at_work(stack, Played()):
        done = asyncio.Event()
        flow = asyncio.create_task(_flow(stack, outgoing, sent, rate, done))
        async for name in _rotate(stack, sent):
            tell(f"{time.monotonic() - began:5.1f} s  {len(sent.receipts):6} accepted  {name}")
            result.steps.append(name)
        done.set()
        await flow
        await until_settled(stack, sent.receipts)
    result.seconds, result.sent = time.monotonic() - began, sent
    result.findings = await _findings(running, sent)
    return result


async def _flow(stack: LocalStack, outgoing: Iterator[Outgoing], sent: Sent, rate: float, done: asyncio.Event) -> None:
    """Send waves at a steady rate until the rotation is done."""
    tls = client_tls(TlsFiles(authorities_file(stack.home)), peer="frontend")
    while not done.is_set():
        wave = list(islice(outgoing, WAVE))
        sent.note(await feed(stack.address("intake"), iter(wave), pace=Pace(rate=rate, give_up_seconds=120), tls=tls))


async def _rotate(stack: LocalStack, sent: Sent) -> AsyncGenerator[str, None]:
    """Yield the name of each step once all servers show what they should, and submissions have flowed since."""
    yield await _settle(stack, sent, "submissions flow")
    await asyncio.to_thread(renew_certificates, stack)
    yield await _settle(stack, sent, "every certificate is renewed")
    steps = change_authority(stack)
    while (name := await asyncio.to_thread(next, steps, None)) is not None:
        yield await _settle(stack, sent, name)
    await _end_sessions(stack)
    yield await _settle(stack, sent, "every session of the database is a new one")
    stack.kill("kafka")
    await until_ready(stack, "kafka", *OURS, seconds=RECOVERY_SECONDS)
    yield await _settle(stack, sent, "every connection to the broker is a new one")


async def _settle(stack: LocalStack, sent: Sent, name: str) -> str:
    await until_shown(stack, seconds=RECOVERY_SECONDS)
    target = len(sent.receipts) + BETWEEN_STEPS

    async def have_flowed() -> bool:
        return len(sent.receipts) >= target

    await wait_for(have_flowed, f"submissions after: {name}", seconds=RECOVERY_SECONDS)
    return name


async def _end_sessions(stack: LocalStack) -> None:
    for database in DATABASE_OF.values():
        connection = await asyncpg.connect(stack.admin_dsn(database))
        await connection.execute(END_SESSIONS)
        await connection.close()


async def _findings(running: Supervised, sent: Sent) -> list[str]:
    trusted(running.stack)  # the tests learn the new authority, too
    findings = (await read_account(running.stack)).findings(sent.receipts)
    if sent.not_accepted:
        findings.append(f"{sent.not_accepted} submissions were not accepted")
    deaths = {name: running.deaths(name) for name in (*OURS, "police", "postgres")}
    return findings + [f"{name} ended {times} times" for name, times in deaths.items() if times]
