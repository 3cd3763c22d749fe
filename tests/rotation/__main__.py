"""`python -m tests.rotation`: new certificates and a new authority under load; exit status 1 if anything was lost."""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline_local.commands.start_failures import start_failures_explained
from tests.chaos.run import supervised
from tests.rotation.run import rotate_under_load

Rate = Annotated[float, typer.Option(min=1, help="Submissions a second.")]
Seed = Annotated[int, typer.Option(help="Draws the submissions; 0 takes another one each time.")]


def main(rate: Rate = 50, seed: Seed = 0) -> None:
    """Replace every certificate and the authority while submissions flow, and account for every submission."""
    home = Path(tempfile.mkdtemp(prefix="rotation-"))
    seed = seed or random.randrange(1, 2**32)
    with start_failures_explained(home / "logs"), supervised(home) as running:
        result = asyncio.run(rotate_under_load(running, rate=rate, seed=seed, tell=typer.echo))
    sent = result.sent
    typer.echo(f"seed {seed}: {len(sent.receipts)} accepted in {result.seconds:.0f} s, {sent.retries} sent again")
    typer.echo("\n".join(f"FINDING: {finding}" for finding in result.findings) or "nothing lost, nothing twice")
    if result.findings:
        typer.echo(f"logs and data are left in {home}")
        raise typer.Exit(1)
    running.stack.home.remove()


if __name__ == "__main__":
    typer.run(main)
