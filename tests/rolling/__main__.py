"""`python -m tests.rolling`: every copy of every service is restarted under load; exit status 1 if anything failed."""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline_local.commands.start_failures import start_failures_explained
from tests.rolling.run import DRAIN_SECONDS, roll_under_load
from tests.support.copies import in_pairs

Rate = Annotated[float, typer.Option(min=1, help="Submissions a second.")]
Seed = Annotated[int, typer.Option(help="Draws the submissions; 0 takes another one each time.")]
Drain = Annotated[int, typer.Option(min=0, max=60, help="How long a copy answers on after it was told to end.")]


def main(rate: Rate = 50, seed: Seed = 0, drain: Drain = DRAIN_SECONDS) -> None:
    """Restart two copies of each service in turn while submissions flow, and account for every request."""
    home = Path(tempfile.mkdtemp(prefix="rolling-"))
    seed = seed or random.randrange(1, 2**32)
    with start_failures_explained(home / "logs"), in_pairs(home, DRAIN_SECONDS=str(drain)) as pairs:
        result = asyncio.run(roll_under_load(pairs, rate=rate, seed=seed, tell=typer.echo))
    fed = result.fed
    typer.echo(
        f"seed {seed}: {result.restarts} restarts in {result.seconds:.0f} s, {len(fed.receipts)} accepted, "
        f"{fed.retries} sent again, median {fed.percentile(0.5) * 1000:.0f} ms, "
        f"99 % within {fed.percentile(0.99) * 1000:.0f} ms; {result.played.failures} requests of people failed"
    )
    typer.echo("\n".join(f"FINDING: {finding}" for finding in result.findings) or "nothing failed, lost or twice")
    if result.findings:
        typer.echo(f"logs and data are left in {home}")
        raise typer.Exit(1)
    pairs.stack.home.remove()


if __name__ == "__main__":
    typer.run(main)
