"""Commands that only read: progress of submissions, the topology's permissions."""

import asyncio
import json
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from pipeline_admin.commands.installed import installation_of, operator_of
from pipeline_admin.status import Stage, read_status
from pipeline_shared.access.permissions import Action
from pipeline_shared.messaging.topics import TOPOLOGY

REFRESH_SECONDS = 1.0

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def status(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show the figures of every stage, live until Ctrl-C."""
    installation = installation_of(context)
    operator_of(installation, Action.SEE_STATUS)
    if as_json:
        typer.echo(json.dumps([asdict(stage) for stage in asyncio.run(read_status(installation))], indent=2))
        return
    with Live(status_table(asyncio.run(read_status(installation))), console=Console(), auto_refresh=False) as live:
        try:
            while sys.stdout.isatty():
                time.sleep(REFRESH_SECONDS)
                live.update(status_table(asyncio.run(read_status(installation))), refresh=True)
        except KeyboardInterrupt:
            return


def topology() -> None:
    """Print every topic with its writer, readers, Kafka key, partitions and retention."""
    table = Table("topic", "written by", "read by", "key", "parts", "days", box=None)
    table.columns[0].no_wrap = True
    for topic in TOPOLOGY:
        readers, days = ", ".join(reader.name for reader in topic.readers), str(topic.retention.days)
        table.add_row(topic.name, topic.producer, readers, topic.key, str(topic.partitions), days)
    Console().print(table)


def status_table(stages: list[Stage]) -> Table:
    """Return the stages as a table for the terminal."""
    table = Table("stage", "holds", "oldest waiting", "lag", "to publish", "parked", box=None)
    for stage in stages:
        holds = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in stage.counts.items())
        parked = f"[red]{stage.parked}[/]" if stage.parked else _number(stage.parked)
        holds = holds or "-" if stage.database else "[red]its database is away[/]"
        table.add_row(_name(stage), holds, _age(stage.oldest_waiting), _number(stage.lag), _outbox(stage), parked)
    return table


def _name(stage: Stage) -> str:
    return stage.name if stage.ready else f"[red]{stage.name} ({'away' if stage.lag is None else 'not ready'})[/]"


def _outbox(stage: Stage) -> str:
    return f"{stage.outbox} ({_age(stage.outbox_age)})" if stage.outbox else _number(stage.outbox)


def _number(number: int | None) -> str:
    return "-" if number is None else str(number)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
