"""`python -m tests.chaos`: the long run and its report. The exit status is 1 if anything was lost or doubled."""

import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from pipeline_local.commands.start_failures import start_failures_explained
from tests.chaos.plan import draw_plan
from tests.chaos.report import run_and_report
from tests.chaos.run import supervised

KILLS = {"intake": 4, "sanitiser": 4, "desk": 3, "triage": 4, "transfer": 4, "police": 2, "kafka": 3, "postgres": 3}

Submissions = Annotated[int, typer.Option(min=len(KILLS), help="How many are sent.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often everything is killed as often as one run does.")]
Seed = Annotated[int, typer.Option(help="Draws submissions and kills; 0 takes another one each time.")]


def main(submissions: Submissions = 3_000, rounds: Rounds = 1, seed: Seed = 0) -> None:
    """Kill every part of the pipeline at work, many times, and account for every submission."""
    kills = {name: times * rounds for name, times in KILLS.items()}
    plan = draw_plan(seed or random.randrange(1, 2**32), submissions, kills)
    began, home = time.monotonic(), Path(tempfile.mkdtemp(prefix="chaos-"))
    with start_failures_explained(home / "logs"), supervised(home) as running:
        report = asyncio.run(run_and_report(running, plan, typer.echo))
    typer.echo("\n".join(report.lines()))
    typer.echo(f"{time.monotonic() - began:.0f} s")
    if report.findings:
        typer.echo(f"logs and data are left in {home}")
        raise typer.Exit(1)
    running.stack.home.remove()


if __name__ == "__main__":
    typer.run(main)
