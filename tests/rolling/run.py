"""Every copy of every service is stopped and started again in turn, while submissions flow and people decide.

Frontends and people reach the copies through balancers, and nobody has to send anything twice.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipeline_local.certificates import authorities_file
from pipeline_local.frontends import load_frontends
from pipeline_shared.runtime.tls import TlsFiles, client_tls
from pipeline_simulators.feed import FeedResult, Outgoing, Pace, feed
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.outgoing import outgoing_of
from pipeline_simulators.people import Played
from tests.chaos.account import read_account
from tests.chaos.run import Tell, people_at_work, until_settled
from tests.support.balancer import Balancer
from tests.support.copies import Copy, Pairs
from tests.support.waiting import wait_for

MOST = 1_000_000
DRAIN_SECONDS = 5  # the balancers ask four times a second, on a busy machine less often
BETWEEN_RESTARTS = 50  # submissions


@dataclass(slots=True)
class Flow:
    """The submissions so far, and when no more are to be sent."""

    answered: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, answered: int) -> None:
        """Count answers as they come."""
        self.answered += answered

    def until_done(self, outgoing: Iterable[Outgoing]) -> Iterator[Outgoing]:
        """Yield submissions until no more are to be sent."""
        for each in outgoing:
            if self.done.is_set():
                return
            yield each


@dataclass(slots=True)
class Rolled:
    """What became of one run."""

    fed: FeedResult
    played: Played
    restarts: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list[str])


async def roll_under_load(pairs: Pairs, *, rate: float, seed: int, tell: Tell) -> Rolled:
    """Restart every copy while `rate` submissions a second flow; return the account of the run."""
    began, flow, played = time.monotonic(), Flow(), Played()
    async with pairs.balanced() as balancers:
        async with people_at_work(pairs.stack, played):
            feeding = asyncio.create_task(_feed(pairs, flow, rate=rate, seed=seed))
            for copy in pairs:
                await _until_more(flow)
                await _restart(copy, balancers)
                tell(f"{time.monotonic() - began:5.1f} s  {flow.answered:6} answered  {copy.name} started again")
            await _until_more(flow)
            flow.done.set()
            fed = await feeding
            await until_settled(pairs.stack, fed.receipts)
        unserved = {name: balancer.unserved for name, balancer in balancers.items()}
    result = Rolled(fed, played, restarts=len(list(pairs)), seconds=time.monotonic() - began)
    result.findings = [*(await read_account(pairs.stack)).findings(fed.receipts), *_failures(result, unserved)]
    return result


async def _feed(pairs: Pairs, flow: Flow, *, rate: float, seed: int) -> FeedResult:
    stack = pairs.stack
    api_keys = await load_frontends(stack.home, stack.installation())
    outgoing = flow.until_done(outgoing_of(made_up_submissions(MOST, seed), api_keys))
    tls = client_tls(TlsFiles(authorities_file(stack.home)), peer="frontend")
    return await feed(stack.address("intake"), outgoing, pace=Pace(rate=rate), tls=tls, on_done=flow.count)


async def _restart(copy: Copy, balancers: dict[str, Balancer]) -> None:
    """Stop a copy and start it again; return when its balancer has it back."""
    await copy.stop()
    copy.start()
    await copy.until_ready()
    for balancer in balancers.values():
        if copy in balancer.targets:

            async def is_back(balancer: Balancer = balancer) -> bool:
                return balancer.serves(copy)

            await wait_for(is_back, f"the balancer to see {copy.name}")


async def _until_more(flow: Flow) -> None:
    target = flow.answered + BETWEEN_RESTARTS

    async def have_flowed() -> bool:
        return flow.answered >= target

    await wait_for(have_flowed, "more submissions", seconds=60)


def _failures(result: Rolled, unserved: dict[str, int]) -> Iterator[str]:
    """Yield every request that failed, though the account may be right in the end."""
    fed = result.fed
    for what, number in {
        "submissions were sent again": fed.retries,
        "submissions were refused": sum(fed.refused.values()),
        "submissions had no answer": fed.unanswered,
        "requests of people failed": result.played.failures,
        **{f"connections found no copy of {name}": number for name, number in unserved.items()},
    }.items():
        if number:
            yield f"{number} {what}"
