"""A run: waves of submissions over HTTP, people at work throughout, and one process killed in each wave.

Only the supervisor of `pipeline up` restarts a process. Outages overlap: a wave waits until its own victim is up, not
until every process is.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pipeline_admin.status import read_status
from pipeline_local.certificates import authorities_file
from pipeline_local.frontends import load_frontends
from pipeline_local.outcomes import Follower
from pipeline_local.stack import EVERYTHING, LocalStack
from pipeline_local.supervisor import Supervisor
from pipeline_shared.runtime.tls import TlsFiles, client_tls
from pipeline_simulators.feed import FeedResult, Outgoing, Pace, feed
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.outgoing import outgoing_of
from pipeline_simulators.people import Played, play
from tests.chaos.plan import Blow, Plan, Step
from tests.support.stack import trusted
from tests.support.waiting import until_ready

PACE = Pace(concurrency=16, give_up_seconds=300)
PEOPLE = 8  # cases open at once
RECOVERY_SECONDS = 90
QUIET_SECONDS = 45  # longer than a transfer's lease and any backoff: without a change for this long, none will come
LOOK_SECONDS = 0.002
SETTLING_LOOK_SECONDS = 0.25

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Supervised:
    """A stack kept alive by its supervisor, and the supervisor's messages."""

    stack: LocalStack
    said: list[str]

    def deaths(self, name: str) -> int:
        """Return how many times a process has ended."""
        return sum(line.startswith(f"{name} ended unexpectedly") for line in self.said)


@dataclass(slots=True)
class Sent:
    """The submissions sent so far, and their answers."""

    outgoing: list[Outgoing] = field(default_factory=list[Outgoing])
    accepted: int = 0
    receipts: list[str] = field(default_factory=list[str])
    not_accepted: int = 0
    retries: int = 0

    def count(self, done: int) -> None:
        """Count answers as they come."""
        self.accepted += done

    def note(self, result: FeedResult) -> None:
        """Note the result of one wave."""
        self.receipts += result.receipts
        self.not_accepted += result.unanswered + sum(result.refused.values())
        self.retries += result.retries


@contextmanager
def supervised(home: Path) -> Generator[Supervised, None, None]:
    """Start a stack and keep it alive; at the end stop it and leave its folder."""
    stack, said = trusted(LocalStack(home)), list[str]()
    supervisor = Supervisor(stack, said.append)
    try:
        supervisor.bring_up()
        with supervisor.watching():
            yield Supervised(stack, said)
    finally:
        stack.stop()


class Chaos:
    """One run of a plan on a supervised stack."""

    def __init__(self, supervised: Supervised, plan: Plan, tell: Tell) -> None:
        self._stack = supervised.stack
        self._plan = plan
        self._tell = tell
        self.sent = Sent()
        self.played = Played()

    async def run(self) -> None:
        """Send, kill and decide until nothing changes any more."""
        api_keys = await load_frontends(self._stack.home, self._stack.installation())
        outgoing = outgoing_of(made_up_submissions(self._plan.submissions, self._plan.seed), api_keys)
        async with people_at_work(self._stack, self.played):
            for number, blow in enumerate(self._plan.blows, 1):
                await self._until_ready(blow.victim)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send(islice(outgoing, blow.wave)))
                    group.create_task(self._strike(number, blow))
            await until_settled(self._stack, self.sent.receipts)

    async def ask_again(self) -> FeedResult:
        """Send every submission again under its key, like a frontend that has lost its notes."""
        return await feed(self._stack.address("intake"), iter(self.sent.outgoing), pace=PACE)

    async def _send(self, wave: Iterator[Outgoing]) -> None:
        submissions = list(wave)
        self.sent.outgoing += submissions
        result = await feed(self._stack.address("intake"), iter(submissions), pace=PACE, on_done=self.sent.count)
        self.sent.note(result)

    async def _strike(self, number: int, blow: Blow) -> None:
        due = self._steps(blow.step) + blow.after
        while self._steps(blow.step) < due:  # noqa: ASYNC110 - what the people do is counted, not announced
            await asyncio.sleep(LOOK_SECONDS)
        await self._until_ready(blow.victim)  # it may have waited for a process killed earlier
        if blow.victim == "postgres":
            self._stack.immediate_stop_postgres()
        else:
            self._stack.kill(blow.victim)
        steps = f"{self.sent.accepted} accepted, {self._handled} handled"
        self._tell(f"{number:3}/{len(self._plan.blows)}  {blow.victim:<9} killed at {steps}")

    def _steps(self, step: Step) -> int:
        return self.sent.accepted if step is Step.ACCEPTED else self._handled

    @property
    def _handled(self) -> int:
        return self.played.decided.total() + self.played.released + self.played.kept

    async def _until_ready(self, name: str) -> None:
        await until_ready(self._stack, name, seconds=RECOVERY_SECONDS)


@asynccontextmanager
async def people_at_work(stack: LocalStack, played: Played) -> AsyncGenerator[None, None]:
    """Play the people while the block runs."""
    triage, desk, stop = stack.address("triage"), stack.address("desk"), asyncio.Event()
    tls = client_tls(TlsFiles(authorities_file(stack.home)), peer="people")
    async with asyncio.TaskGroup() as group:
        group.create_task(play(triage, desk, stop=stop, played=played, concurrency=PEOPLE, tls=tls))
        try:
            yield
        finally:
            stop.set()


async def until_settled(stack: LocalStack, receipts: Sequence[str]) -> None:
    """Return when every submission has reached an end state, or when nothing has changed for long."""
    await until_ready(stack, *EVERYTHING, seconds=RECOVERY_SECONDS)
    installation = stack.installation()
    async with Follower.connect(stack.admin_databases()) as one:

        async def position() -> tuple[object, bool]:
            outcomes, stages = await one.outcomes(receipts), await read_status(installation)
            still = all(stage.ready and not stage.lag and not stage.outbox for stage in stages)
            return (outcomes, [stage.lag for stage in stages]), outcomes.is_settled() and still

        await _until_quiet(position)


async def _until_quiet(position: Callable[[], Awaitable[tuple[object, bool]]]) -> None:
    last, moved_at = None, time.monotonic()
    while time.monotonic() - moved_at < QUIET_SECONDS:
        now, is_done = await position()
        if is_done:
            return
        if now != last:
            last, moved_at = now, time.monotonic()
        await asyncio.sleep(SETTLING_LOOK_SECONDS)
