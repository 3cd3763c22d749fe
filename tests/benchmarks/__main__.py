"""`python -m tests.benchmarks` loads the pipeline, then a bare one on the same broker; it prints tables, then JSON.

Everything runs on this machine, the load generator included. A warm-up that is not counted precedes each measurement.
"""

import json
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from pipeline_local.commands.start_failures import start_failures_explained
from pipeline_local.frontends import load_frontends
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SERVICES
from pipeline_simulators.feed import Outgoing
from tests.benchmarks.bare_run import bare_services, run_bare
from tests.benchmarks.figures import Run
from tests.benchmarks.high import run_high
from tests.benchmarks.load import Pace, prepare
from tests.benchmarks.matcher import run_matcher
from tests.benchmarks.pipeline import run_pipeline
from tests.benchmarks.profiling import busiest, profiled
from tests.benchmarks.tables import print_facts, print_profile, print_tables, summary
from tests.support.stack import trusted

WARM_UP = 1_000
STEADY_SHARE = 0.4  # share of the full throughput: the pipeline is busy and no queue grows

Submissions = Annotated[int, typer.Option(help="How many are measured, after the warm-up.")]
Connections = Annotated[int, typer.Option(help="Keep-alive connections of the load generator.")]
Profile = Annotated[bool, typer.Option("--profile", help="Sample the services with py-spy instead.")]


@dataclass(frozen=True, slots=True)
class Bench:
    """A stack of its own, the frontends' keys, and the number of submissions to send."""

    stack: LocalStack
    api_keys: dict[str, str]
    count: int
    connections: int
    console: Console

    def submissions(self, count: int) -> list[Outgoing]:
        """Return made-up submissions under fresh idempotency keys."""
        return prepare(count, self.api_keys, seed=count)

    async def pipeline(self) -> tuple[Run, Run, float]:
        """Return the pipeline flat out and at a steady rate, and that rate."""
        self.console.print("the pipeline: warming up, flat out, steady", style="dim")
        flat_out = Pace(self.connections)
        await run_pipeline(self.stack, self.submissions(WARM_UP), flat_out)
        crowded = await run_pipeline(self.stack, self.submissions(self.count), flat_out)
        rate = STEADY_SHARE * min(crowded.rates["submission to queue"], crowded.rates["decision to receipt"])
        calm = await run_pipeline(self.stack, self.submissions(self.count // 2), Pace(self.connections, rate))
        return crowded, calm, rate

    async def bare(self) -> Run:
        """Return the bare pipeline flat out."""
        self.console.print("the bare pipeline: warming up, flat out", style="dim")
        with bare_services(self.stack) as address:
            pace = Pace(self.connections)
            await run_bare(self.stack, address, self.submissions(WARM_UP), pace)
            return await run_bare(self.stack, address, self.submissions(self.count), pace)

    async def compare(self) -> None:
        """Print every figure of both."""
        flat_out, steady, rate = await self.pipeline()
        self.console.print("HIGH submissions beside a backlog", style="dim")
        high = await run_high(self.stack, self.submissions(WARM_UP))
        bare = await self.bare()
        print_tables(self.console, flat_out=flat_out, steady=steady, bare=bare, steady_rate=rate)
        matcher = run_matcher()
        print_facts(self.console, "The matcher alone", matcher)
        print_facts(self.console, "HIGH: from the request to the flag in triage, beside a backlog", high)
        figures = summary(flat_out=flat_out, steady=steady, bare=bare, steady_rate=rate)
        typer.echo(json.dumps({**figures, "matcher": matcher, "high": high}))

    async def profile(self) -> None:
        """Print where each service spends its time."""
        await run_pipeline(self.stack, self.submissions(WARM_UP), Pace(self.connections))
        pids = {name: pid for name, pid in self.stack.processes.pids().items() if name in SERVICES}
        with profiled(pids, self.stack.home.logs) as files:
            await run_pipeline(self.stack, self.submissions(self.count), Pace(self.connections))
        for name, file in files.items():
            print_profile(self.console, name, busiest(file.read_text(encoding="utf-8").splitlines()))


@asynccontextmanager
async def _bench(count: int, connections: int) -> AsyncGenerator[Bench, None]:
    console = Console(stderr=False, width=110)
    with tempfile.TemporaryDirectory() as folder:
        stack = trusted(LocalStack(Path(folder) / "stack"))
        try:
            with start_failures_explained(stack.home.logs):
                stack.start_infrastructure()
                stack.provision()
                stack.start_services()
            api_keys = await load_frontends(stack.home, stack.installation())
            yield Bench(stack, api_keys, count, connections, console)
        finally:
            stack.stop(forget=True)


async def _main(count: int, connections: int, *, profile: bool) -> None:
    async with _bench(count, connections) as bench:
        await (bench.profile() if profile else bench.compare())


def main(submissions: Submissions = 4_000, connections: Connections = 32, profile: Profile = False) -> None:  # noqa: FBT002
    """Measure the pipeline and the price of its safety."""
    uvloop.run(_main(submissions, connections, profile=profile))


if __name__ == "__main__":
    typer.run(main)
