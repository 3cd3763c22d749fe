"""`python -m tests.abuse`: each attacker beside a probe of another agency. The exit status is 1 if anything was lost.

A result slower than its aim is marked and does not fail the run: on a busy machine it proves nothing.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline_local.commands.start_failures import start_failures_explained
from tests.abuse.attackers import ATTACKERS
from tests.abuse.trial import AIM_SECONDS, HEADINGS, AttackResult, try_attackers
from tests.chaos.run import supervised

INTERRUPTED = 130

Only = Annotated[list[str] | None, typer.Option(help="Only this attacker; may be repeated.")]
Limited = Annotated[bool, typer.Option(help="Whether intake limits what the attackers send, as it does by itself.")]
Amount = Annotated[float, typer.Option(min=0.01, max=10, help="How much of each attack: 1 is all.")]


def main(only: Only = None, amount: Amount = 1.0, limited: Limited = True) -> None:  # noqa: FBT002
    """Run every attacker on a stack of its own, and account for every submission."""
    if unknown := set(only or ()) - set(ATTACKERS):
        raise typer.BadParameter(f"no such attacker: {', '.join(sorted(unknown))}; there are {', '.join(ATTACKERS)}")
    began, home = time.monotonic(), Path(tempfile.mkdtemp(prefix="abuse-"))
    try:
        with start_failures_explained(home / "logs"), supervised(home) as running:
            trials = try_attackers(
                running.stack, only or list(ATTACKERS), amount=amount, limited=limited, tell=typer.echo
            )
            outcomes = asyncio.run(trials)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    Console(width=200).print(_table(outcomes))
    for line in running.said:
        typer.echo(line)
    typer.echo(f"{time.monotonic() - began:.0f} s; the aim is a flag within {AIM_SECONDS:g} s for 999 of 1,000 probes")
    if any(outcome.lost for outcome in outcomes):
        typer.echo(f"SOMETHING WAS LOST; logs and data are left in {home}")
        raise typer.Exit(1)
    running.stack.home.remove()


def _table(outcomes: list[AttackResult]) -> Table:
    table = Table(*HEADINGS, "aims", box=None)
    for outcome in outcomes:
        table.add_row(*outcome.row(), "met" if outcome.is_within_aims else "[red]missed[/]")
    return table


if __name__ == "__main__":
    typer.run(main)
