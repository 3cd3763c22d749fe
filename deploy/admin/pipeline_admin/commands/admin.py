"""Commands that change something: provision, replay parked records, resend events."""

import asyncio
import time
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient  # pyright: ignore[reportPrivateImportUsage] - its documented interface
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from pipeline_admin.cluster_promise import ClusterPromiseError, out_of_sync
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import from_environment, installation_of, is_in_environment, operator_of
from pipeline_admin.databases import administering
from pipeline_admin.parked import ParkingPlace, ask_replay, find_parked, list_parked, parking_places
from pipeline_admin.provision import BY_ITSELF, ProvisionSettings, provision_from
from pipeline_admin.provision_kafka import PartitionsChangedError, TooFewReplicasError
from pipeline_shared.access.permissions import Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging.operators import Request, resend_since
from pipeline_shared.runtime.secret_files import SecretFileError
from pipeline_shared.runtime.start_checks import refusals, surroundings_of

DURABILITY = ("kafka_min_insync", "kafka_replicas")  # a combination of settings is wrong, so no single field is named
Reason = Annotated[str | None, typer.Option("--reason", help="Why, for the audit.")]
TIMES = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]

parked = typer.Typer(help="Records that could not be handled and wait for a person.", no_args_is_help=True)


def provision() -> None:
    """Create topics, users, permissions, roles and schemas from the PROVISION_… environment variables."""
    settings = provision_settings()
    operator = administrator_of(settings, Action.PROVISION)
    try:
        applied = provision_from(settings, operator)
    except (PartitionsChangedError, TooFewReplicasError) as error:
        fail(f"{error}: {error.__doc__}")
    except ClusterPromiseError as error:
        fail(f"refused: {error}")
    except KafkaException as error:
        fail(f"the broker refuses: {error.args[0].name()}")
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("provisioned")


def brokers(*, wait: Annotated[int, typer.Option(min=0, max=3_600, help="Seconds to wait for it.")] = 0) -> None:
    """Say whether all brokers are there with every replica in sync: only then another one may stop."""
    settings = provision_settings()
    admin, deadline = settings.admin(), time.monotonic() + wait
    while reasons := _out_of_sync(admin, settings.kafka_replicas):
        if time.monotonic() > deadline:
            fail("do not stop another broker: " + "; ".join(reasons))
        time.sleep(1)
    typer.echo("all brokers are there, and every replica is in sync")


def _out_of_sync(admin: AdminClient, number: int) -> list[str]:
    try:
        return out_of_sync(admin, number)
    except KafkaException as error:
        return [f"no broker answers ({error.args[0].name()})"]


def provision_settings() -> ProvisionSettings:
    """Return the PROVISION_… settings; end the command when one is missing or wrong."""
    try:
        settings = ProvisionSettings()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        fields = {str(field) for problem in error.errors() for field in problem["loc"][:1] or DURABILITY}
        fail("missing or wrong: " + ", ".join(sorted(f"PROVISION_{field}".upper() for field in fields)))
    except SecretFileError as error:
        fail(f"{error}: the file cannot be read")
    if found := refusals(settings, surroundings_of(settings)):
        fail("refused: " + "; ".join(found))
    return settings


def administrator_of(settings: ProvisionSettings, action: Action) -> Operator:
    """Return who uses the administrators' passwords: in production a proven person, locally the program."""
    if settings.environment == "local" and not is_in_environment():
        return BY_ITSELF
    return operator_of(from_environment(), action)


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
    if service and service not in installation.databases:
        fail("a service is one of " + ", ".join(installation.databases))
    request = Request(operator_of(installation, Action.RESEND_EVENTS, reason), reason or "")

    async def ask(dsn: str) -> int:
        async with administering(dsn, request.operator) as work:
            return await resend_since(work, since, request)

    for name in [service] if service else installation.databases:
        count = asyncio.run(ask(installation.database(name)))
        typer.echo(f"{name}: {count} will be published again")


@parked.command("list")
def parked_list(context: typer.Context) -> None:
    """List everything that is parked, in every service."""
    operator_of(installation_of(context), Action.SEE_PARKED)
    table = Table("where", "id", "topic", "place", "error", "attempts", "state", "since", box=None)
    for column in table.columns:
        column.overflow = "fold"  # nothing is cut off, so that ids can be copied
    table.columns[1].no_wrap = True
    for name, place in _places(context).items():
        for row in asyncio.run(list_parked(place)):
            since = row.parked_at.isoformat(timespec="seconds")
            table.add_row(name, row.id, row.topic, row.place, row.error, str(row.attempts), row.state, since)
    if table.row_count:
        Console().print(table)
    else:
        typer.echo("nothing is parked")


@parked.command("show")
def parked_show(context: typer.Context, where: str, parked_id: str) -> None:
    """Show the facts of one parked thing by place and id; its content stays sealed."""
    place = _place(context, where)
    operator_of(installation_of(context), Action.SEE_PARKED)
    row = asyncio.run(find_parked(place, parked_id))
    if row is None:
        fail(f"{where} has nothing parked under {parked_id}")
    for name, value in asdict(row).items():
        typer.echo(f"{name:<14} {value if value is not None else '-'}")


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
    return parking_places(installation_of(context))


def _place(context: typer.Context, where: str) -> ParkingPlace:
    places = _places(context)
    if where not in places:
        fail("parked is in one of " + ", ".join(places))
    return places[where]
