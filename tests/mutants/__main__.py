"""`python -m tests.mutants` puts each fault of the kept list into a copy of the tree and names the ones that survive.

The exit status is 1 if a fault survives, does not apply, takes too long or keeps its tests from running, or if the
tests fail without any fault.
"""

import asyncio
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tests.mutants.judging import Judgement, Trees, Verdict, failures_when_clean, judge
from tests.mutants.listing import all_mutants, area_names, mutants_of
from tests.mutants.model import Mutant

INTERRUPTED = 130

Only = Annotated[list[str] | None, typer.Option(help="Only the mutant of this name; may be repeated.")]
Area = Annotated[list[str] | None, typer.Option(help="Only the mutants of this area; may be repeated.")]
Workers = Annotated[int, typer.Option(min=1, help="How many copies of the tree are tried at the same time.")]
Seconds = Annotated[float, typer.Option(min=1, help="How long the tests of one mutant may take.")]


def main(only: Only = None, area: Area = None, workers: Workers = 2, seconds: Seconds = 180) -> None:
    """Try every fault and print the results."""
    if unknown := {*(area or ())} - {*area_names()}:
        raise typer.BadParameter(f"no such area: {', '.join(sorted(unknown))}")
    mutants = [mutant for name in area for mutant in mutants_of(name)] if area else all_mutants()
    if unknown := {*(only or ())} - {mutant.name for mutant in mutants}:
        raise typer.BadParameter(f"no such mutant: {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in mutants if not only or mutant.name in only]
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        try:
            is_well = asyncio.run(_try_all(chosen, Path(folder), workers=workers, seconds=seconds))
        except (KeyboardInterrupt, asyncio.CancelledError):
            typer.echo("interrupted")
            raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(0 if is_well else 1)


async def _try_all(mutants: Sequence[Mutant], folder: Path, *, workers: int, seconds: float) -> bool:
    if task := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    began = time.monotonic()
    trees = Trees(folder, workers)
    typer.echo(f"the tests of {len(mutants)} mutants, on the clean copy")
    failures = await failures_when_clean(trees, mutants)
    typer.echo("\n".join(["these fail without any fault:", *failures] if failures else ["green"]))
    typer.echo(f"{time.monotonic() - began:.0f} s")
    judgements: list[Judgement] = []
    async with asyncio.TaskGroup() as tasks:
        judging = [tasks.create_task(judge(trees, mutant, seconds=seconds, failures=failures)) for mutant in mutants]
        for done in asyncio.as_completed(judging):
            judgements.append(await done)
            typer.echo(f"[{len(judgements):3}/{len(mutants)}] {_line(judgements[-1])}")
    typer.echo("\n".join(_summary(judgements, time.monotonic() - began)))
    return not failures and all(judgement.verdict is Verdict.CAUGHT for judgement in judgements)


def _line(judgement: Judgement) -> str:
    by = f"  by {judgement.by.rpartition('/')[2]}" if judgement.by else ""
    return f"{judgement.verdict:<16} {judgement.mutant.name}  {judgement.seconds:.0f} s{by}"


def _summary(judgements: Sequence[Judgement], seconds: float) -> list[str]:
    counts = {verdict: sum(judgement.verdict is verdict for judgement in judgements) for verdict in Verdict}
    wrong = [_line(judgement) for judgement in judgements if judgement.verdict is not Verdict.CAUGHT]
    others = [f", {count} {verdict.lower()}" for verdict, count in list(counts.items())[2:] if count]
    told = f"{len(judgements)} mutants: {counts[Verdict.CAUGHT]} caught, {counts[Verdict.SURVIVES]} survive"
    return [*wrong, f"{told}{''.join(others)}; {seconds:.0f} s"]


if __name__ == "__main__":
    typer.run(main)
