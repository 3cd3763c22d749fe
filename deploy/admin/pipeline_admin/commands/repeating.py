"""`pipeline resend` and `pipeline parked`: published events are sent again, and parked records are handled again."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import given, installation_of, operator_of
from pipeline_admin.commands.options import TIMES, Reason
from pipeline_admin.commands.printing import cell, plain
from pipeline_admin.databases import administering
from pipeline_admin.parked import ParkingPlace, ask_replay, find_parked, list_parked, parking_places
from pipeline_shared.access.permissions import Action
from pipeline_shared.messaging.operators import Request, resend_since

parked = typer.Typer(help="Records that could not be handled and wait for a person.", no_args_is_help=True)


def resend(
    context: typer.Context,
    since: Annotated[
        datetime, typer.Argument(formats=TIMES, metavar="TIME", help="With its time zone, such as 2026-05-12T09:30Z.")
    ],
    *,
    reason: Reason = None,
    service: Annotated[str | None, typer.Option(help="One service; without it, all of them.")] = None,
) -> None:
    """Publish events again that were published since a time, after the broker lost records. No effect happens twice."""
    installation = installation_of(context)
    services = given(installation.services)
    if service and service not in services:
        fail("a service is one of " + ", ".join(services))
    request = Request(operator_of(installation, Action.RESEND_EVENTS, reason), reason or "")

    async def ask(dsn: str) -> int:
        async with administering(dsn, request.operator) as work:
            return await resend_since(work, since, request)

    for name in [service] if service else services:
        count = asyncio.run(ask(installation.database(name)))
        typer.echo(f"{name}: {count} will be published again")


@parked.command("list")
def parked_list(context: typer.Context) -> None:
    """List everything that is parked, in every service."""
    operator = operator_of(installation_of(context), Action.SEE_PARKED)
    table = Table("where", "id", "topic", "place", "error", "attempts", "state", "since", box=None)
    for column in table.columns:
        column.overflow = "fold"  # nothing is cut off, so that ids can be copied
    table.columns[1].no_wrap = True
    for name, place in _places(context).items():
        for row in asyncio.run(list_parked(place, operator)):
            since = row.parked_at.isoformat(timespec="seconds")
            facts = (name, row.id, row.topic, row.place, row.error, row.attempts, row.state, since)
            table.add_row(*map(cell, facts))
    if table.row_count:
        Console().print(table)
    else:
        typer.echo("nothing is parked")


@parked.command("show")
def parked_show(context: typer.Context, where: str, parked_id: str) -> None:
    """Show the facts of one parked thing by place and id; its content stays sealed."""
    place = _place(context, where)
    operator = operator_of(installation_of(context), Action.SEE_PARKED)
    row = asyncio.run(find_parked(place, parked_id, operator))
    if row is None:
        fail(f"{where} has nothing parked under {parked_id}")
    for name, value in asdict(row).items():
        typer.echo(f"{name:<14} {plain(value)}")


@parked.command("replay")
def parked_replay(
    context: typer.Context,
    where: str,
    parked_id: Annotated[str | None, typer.Argument(help="One of them; without it, all that are parked there.")] = None,
    *,
    reason: Reason = None,
) -> None:
    """Replay one parked thing by place and id."""
    place = _place(context, where)
    request = Request(operator_of(installation_of(context), Action.REPLAY_PARKED, reason), reason or "")
    count = asyncio.run(ask_replay(place, parked_id, request))
    typer.echo(f"{count} will be handled again")


def _places(context: typer.Context) -> dict[str, ParkingPlace]:
    installation = installation_of(context)
    return given(lambda: parking_places(installation))


def _place(context: typer.Context, where: str) -> ParkingPlace:
    places = _places(context)
    if where not in places:
        fail("parked is in one of " + ", ".join(places))
    return places[where]
