"""`pipeline demo`: shows the whole path with an ordinary week of submissions; with --auto it plays the people too."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Generator
from typing import Annotated

import aiohttp
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipeline_local.commands.lifecycle import print_addresses, running_stack
from pipeline_local.frontends import load_frontends
from pipeline_local.outcomes import Follower, Outcomes
from pipeline_local.stack import LocalStack
from pipeline_simulators.feed import FeedResult, Pace, feed
from pipeline_simulators.fiction.week import week_of_reports
from pipeline_simulators.outgoing import outgoing_of_week
from pipeline_simulators.people import Played, play

SETTLE_SECONDS = 300.0
LOOK_SECONDS = 0.25
LISTED_AT_ONCE = 10_000

Advance = Callable[[int], None]


def demo(
    *,
    auto: Annotated[bool, typer.Option("--auto", help="Do the people's part too, then stop.")] = False,
    count: Annotated[int, typer.Option(min=1, help="How many of the week; after 200 it begins again.")] = 200,
    any_ports: Annotated[bool, typer.Option("--any-ports", help="Take free ports, not the well-known ones.")] = False,
) -> None:
    """Start everything, send the submissions of an ordinary week, and show their outcomes."""
    console, began = Console(stderr=True), time.monotonic()
    with running_stack(console, any_ports=any_ports) as stack:
        played = Played()
        outcomes, receipts = asyncio.run(_Demonstration(stack, console, played).run(count, auto=auto))
        console.print(table_of(outcomes, receipts, played))
        print_addresses(console, stack)
        if not auto:
            console.print("[dim]Sign in on the desks and decide; Ctrl-C stops everything.[/]")
            stack.stopping.wait()
    if auto:  # after the stop, so that it is the last line of output
        seconds = round(time.monotonic() - began, 1)
        people = {"needed_reader": outcomes.needed_reader, "rang": outcomes.rang, "on_top": outcomes.on_top}
        typer.echo(json.dumps({**outcomes.summary(), **people, "receipts": receipts, "seconds": seconds}))
        if not outcomes.is_settled() or receipts != outcomes.transferred or outcomes.accepted != count:
            raise typer.Exit(1)


class _Demonstration:
    """One demonstration on a running stack."""

    def __init__(self, stack: LocalStack, console: Console, played: Played) -> None:
        self._stack = stack
        self._console = console
        self._played = played
        self._installation = stack.installation()

    async def run(self, count: int, *, auto: bool) -> tuple[Outcomes, int]:
        """Send submissions and wait; return their outcomes and the number of confirmed police references."""
        sent = await self._send(count)
        async with Follower.connect(self._stack.admin_databases()) as follower:
            if auto:
                outcomes = await self._play(follower, sent)
            else:
                outcomes = await self._wait(follower, sent, Outcomes.has_arrived)
            references = await follower.references(sent.receipts)
        held = await self._records_held()
        return outcomes, sum(held.get(record) == reference for record, reference in references.items())

    async def _send(self, count: int) -> FeedResult:
        api_keys = await load_frontends(self._stack.home, self._installation)
        outgoing, intake = outgoing_of_week(week_of_reports(count), api_keys), self._stack.address("intake")
        with progress(self._console, "submitting", count) as advance:
            return await feed(intake, outgoing, pace=Pace(), tls=self._stack.tls(), on_done=advance)

    async def _play(self, follower: Follower, sent: FeedResult) -> Outcomes:
        """Play the people until all submissions are settled."""
        triage, desk, stop = self._stack.address("triage"), self._stack.address("desk"), asyncio.Event()
        people = asyncio.create_task(play(triage, desk, stop=stop, played=self._played, tls=self._stack.tls()))
        people.add_done_callback(lambda _people: stop.set())
        try:
            with progress(self._console, "deciding", len(sent.receipts)) as advance:
                return await self._wait(follower, sent, Outcomes.is_settled, advance=advance, stop=stop)
        finally:
            stop.set()
            await people

    async def _wait(
        self,
        follower: Follower,
        sent: FeedResult,
        is_done: Callable[[Outcomes], bool],
        *,
        advance: Advance | None = None,
        stop: asyncio.Event | None = None,
    ) -> Outcomes:
        """Return the outcomes when the condition holds, or when it can no longer be reached."""
        deadline, settled = time.monotonic() + SETTLE_SECONDS, 0
        while True:
            outcomes = await follower.outcomes(sent.receipts)
            if advance:
                advance(outcomes.settled - settled)
                settled = outcomes.settled
            given_up = self._stack.stopping.is_set() or (stop is not None and stop.is_set())
            if is_done(outcomes) or given_up or time.monotonic() > deadline:
                return outcomes
            await asyncio.sleep(LOOK_SECONDS)

    async def _records_held(self) -> dict[str, str]:
        """Return the reference of every record in the police system."""
        headers = {"authorization": f"Bearer {self._stack.keys.police_token}"}
        held, after = dict[str, str](), 0
        connector = aiohttp.TCPConnector(ssl=self._stack.tls())
        async with aiohttp.ClientSession(
            self._stack.address("police"), headers=headers, connector=connector
        ) as session:
            while True:
                async with session.get("/records", params={"after": after, "limit": LISTED_AT_ONCE}) as answer:
                    records = (await answer.json())["records"]
                if not records:
                    return held
                held.update((record["record_ref"], record["reference"]) for record in records)
                after = records[-1]["number"]


@contextlib.contextmanager
def progress(console: Console, what: str, total: int) -> Generator[Advance]:
    """Show a progress bar on a terminal; yield the function that advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


def table_of(outcomes: Outcomes, receipts: int, played: Played) -> Table:
    """Return the outcomes of the submissions as a table, and the work that they made for people."""
    table = Table("what became of the submissions", "number", box=None)
    table.columns[1].justify = "right"
    for name, number in (
        ("accepted by intake", outcomes.accepted),
        ("  rang (NOW)", outcomes.rang),
        ("  stood on top (SOON)", outcomes.on_top),
        ("needed a reader", outcomes.needed_reader),
        ("  questions answered", played.questions),
        ("  words read", played.words),
        ("  minutes, as people read", round(played.reading_seconds / 60)),
        ("sanitised", outcomes.sanitised),
        ("held for review", outcomes.held),
        ("waiting for an officer", outcomes.undecided),
        ("decided", outcomes.on_the_way + outcomes.transferred + outcomes.not_recorded + outcomes.other_routes),
        ("  not recorded", outcomes.not_recorded),
        ("  passed to another route", outcomes.other_routes),
        ("  transferred with receipt", receipts),
        ("still waiting", outcomes.waiting),
    ):
        table.add_row(name, str(number))
    return table
