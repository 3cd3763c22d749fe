"""Commands about partner agencies: their access, their API keys and their limits."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from intake_service.agencies import operators
from intake_service.agencies.limits import Limit
from intake_service.agencies.operators import AdministrationError, ListedKey
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import given, installation_of, operator_of
from pipeline_admin.commands.printing import cell
from pipeline_admin.databases import administering, note_reading, reading
from pipeline_shared.access.permissions import Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.language.restricted import Agency
from pipeline_shared.language.vocabulary import AgencyCategory

T = TypeVar("T")
AGENCIES_LISTED = "agencies_listed"
Name = Annotated[str, typer.Argument(help="The agency's name.")]
Prefix = Annotated[str | None, typer.Option("--key", help="One key, by the prefix that `agency list` shows.")]
Days = Annotated[int, typer.Option("--days", min=1, max=1_100, help="How long the key is valid.")]
Number = Annotated[int | None, typer.Option(min=1, max=1_000_000)]

agency = typer.Typer(help="Partner agencies that may submit.", no_args_is_help=True)


@agency.command("add")
def agency_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The agency's name; a known one gets its second key.")],
    *,
    category: Annotated[AgencyCategory, typer.Option(help="What kind of agency it is.")] = AgencyCategory.SCHOOL,
    days: Days = operators.KEY_DAYS,
) -> None:
    """Allow an agency to submit, and print its API key, which cannot be printed again."""
    try:
        added = Agency(name=name, category=category)
    except ValidationError as error:
        fail("an agency cannot have this name: " + ", ".join(sorted({each["type"] for each in error.errors()})))
    dsn, hmac_key = _dsn(context), _hmac_key(context)
    operator = _operator(context)

    async def add() -> str:
        async with administering(dsn, operator) as work:
            return (await operators.add_agency(work, added, operator, hmac_key, days=days)).text

    typer.echo(_run(add()))


@agency.command("rotate")
def agency_rotate(context: typer.Context, name: Name, *, days: Days = operators.KEY_DAYS) -> None:
    """Print a second key for an agency. The first stays valid until `agency revoke NAME --key PREFIX`."""
    dsn, hmac_key = _dsn(context), _hmac_key(context)
    operator = _operator(context)

    async def rotate() -> str:
        async with administering(dsn, operator) as work:
            return (await operators.rotate_key(work, name, operator, hmac_key, days=days)).text

    typer.echo(_run(rotate()))


@agency.command("revoke")
def agency_revoke(
    context: typer.Context, name: Annotated[str | None, typer.Argument()] = None, *, key: Prefix = None
) -> None:
    """Revoke one key (--key PREFIX), or disable an agency with all its keys (NAME). The next request is refused."""
    if (name is None) == (key is None):
        fail("either an agency's name or --key PREFIX")
    dsn, operator = _dsn(context), _operator(context)

    async def revoke() -> str:
        async with administering(dsn, operator) as work:
            if key is not None:
                await operators.revoke_key(work, key, operator)
                return f"key {key} is revoked"
            count = await operators.disable_agency(work, str(name), operator)
            return f"the agency may submit no more; keys revoked: {count}"

    typer.echo(_run(revoke()))


@agency.command("limit")
def agency_limit(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument()] = None,
    *,
    key: Prefix = None,
    per_minute: Number = None,
    burst: Number = None,
) -> None:
    """Set the limit of an agency (NAME) or of one key (--key PREFIX): tokens a minute, and at once.

    Without figures, an agency gets the default from intake's settings, and a key the limit of its agency.
    """
    if (name is None) == (key is None) or (per_minute is None) != (burst is None):
        fail("either an agency's name or --key PREFIX; and either both figures or none")
    limit, dsn = Limit(per_minute, burst) if per_minute and burst else None, _dsn(context)
    operator = _operator(context)

    async def change() -> None:
        async with administering(dsn, operator) as work:
            if key is not None:
                await operators.limit_key(work, key, limit, operator)
            else:
                await operators.limit_agency(work, str(name), limit, operator)

    _run(change())
    typer.echo("in force within seconds")


@agency.command("list")
def agency_list(context: typer.Context) -> None:
    """List agencies and the prefixes of their keys. A secret is shown only once, when it is made."""
    dsn = _dsn(context)
    operator = operator_of(installation_of(context), Action.SEE_AGENCIES)

    async def listed() -> list[ListedKey]:
        async with reading(dsn) as connection:
            rows = list(await operators.list_agencies(connection))
        await note_reading(dsn, operator, AGENCIES_LISTED, subject="agencies", count=len(rows), what="shown")
        return rows

    of_key = ("key", "made", "ends", "ended", "last used", "a minute", "at once")
    table = Table("agency", "category", "a minute", "at once", *of_key, box=None)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[4].no_wrap = True  # not wrapped, so that a prefix can be copied
    for row in _run(listed()):
        name = row.name if row.enabled else f"{row.name} (disabled)"
        facts = (
            row.per_minute,
            row.burst,
            row.prefix,
            row.created_at,
            row.expires_at,
            row.revoked_at,
            row.last_used_on,
            row.key_per_minute,
            row.key_burst,
        )
        table.add_row(*map(cell, (name, row.category, *map(_shown, facts))))
    Console().print(table)


def _shown(fact: object) -> str:
    return "-" if fact is None else f"{fact:%Y-%m-%d}" if isinstance(fact, date) else str(fact)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except AdministrationError as error:
        fail(str(error))


def _operator(context: typer.Context) -> Operator:
    return operator_of(installation_of(context), Action.CHANGE_AGENCIES)


def _dsn(context: typer.Context) -> str:
    installation = installation_of(context)
    return given(lambda: installation.database("intake"))


def _hmac_key(context: typer.Context) -> bytes:
    return decode_base64(given(installation_of(context).hmac_key))
