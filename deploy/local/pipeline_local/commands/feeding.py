"""`pipeline feed`: sends submissions to a running stack, those of an ordinary week or from a file."""

import ssl
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from pipeline_local.commands.find_stack import running_installation, running_state
from pipeline_local.demo import progress
from pipeline_local.frontends import load_frontends
from pipeline_local.home import find_home
from pipeline_simulators.feed import FeedResult, Pace
from pipeline_simulators.feed import feed as send
from pipeline_simulators.fiction.week import week_of_reports
from pipeline_simulators.outgoing import outgoing_from, outgoing_of_week


def feed(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="One submission on each line, in the API's format."),
    ] = None,
    *,
    count: Annotated[int, typer.Option(min=1, help="How many of the week; after 200 it begins again.")] = 200,
    rate: Annotated[float, typer.Option(min=0, help="Submissions a second; 0 is as fast as it goes.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests under way at once.")] = 16,
) -> None:
    """Send submissions as the portal frontends of six partners do: an ordinary week, or from a file."""
    console, state = Console(stderr=True), running_state()
    tls = ssl.create_default_context(cafile=state["folders"]["authorities"])
    pace = Pace(concurrency=concurrency, rate=rate)

    async def run() -> FeedResult:
        api_keys = await load_frontends(find_home(), running_installation())
        outgoing = outgoing_from(file, api_keys) if file else outgoing_of_week(week_of_reports(count), api_keys)
        total = _lines(file) if file else count
        with progress(console, "submitting", total) as advance:
            return await send(state["addresses"]["intake"], outgoing, pace=pace, tls=tls, on_done=advance)

    _summarise(console, uvloop.run(run()))


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _summarise(console: Console, result: FeedResult) -> None:
    done = len(result.receipts)
    console.print(f"{done} accepted in {result.seconds:.1f} s ({done / result.seconds:.0f} a second)", highlight=False)
    median, slowest = (f"{result.percentile(share) * 1000:.0f} ms" for share in (0.5, 0.99))
    console.print(
        f"half answered within {median}, 99 of 100 within {slowest}; {result.retries} sent again", highlight=False
    )
    for code, number in result.refused.items():
        console.print(f"{number} refused: {code}", style="red", highlight=False)
    if result.unanswered:
        console.print(f"{result.unanswered} without an answer", style="red", highlight=False)
    if result.refused or result.unanswered:
        raise typer.Exit(1)
