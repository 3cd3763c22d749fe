"""`pipeline audit`: check that the sites made the entries of the audit, and that what people did has its entries."""

import asyncio
from collections.abc import AsyncIterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import sanitiser_service.auditors
import triage_service.auditors
from pipeline_admin.audit_acts import ComparedAct, compare_acts
from pipeline_admin.audit_proofs import CheckedEntry, check_proofs, count_entries
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import given, installation_of, operator_of
from pipeline_admin.commands.options import TIMES
from pipeline_admin.databases import note_reading, reading
from pipeline_shared.access.permissions import Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.secret_files import OTHERS
from pipeline_shared.runtime.secret_types import KEY_BYTES
from pipeline_shared.web.identity.entry_proofs import AuditKey

audit = typer.Typer(help="The audit: who did what.", no_args_is_help=True)


class SiteName(StrEnum):
    """A site with people, by the name of its process."""

    TRIAGE = "triage"
    DESK = "desk"


VERIFIED = "audit_verified"
DATABASES = {SiteName.TRIAGE: "triage", SiteName.DESK: "sanitiser"}
ACTS_OF = {SiteName.TRIAGE: triage_service.auditors.ACTS, SiteName.DESK: sanitiser_service.auditors.ACTS}


@audit.command("verify")
def verify(
    context: typer.Context,
    site: Annotated[SiteName, typer.Argument(help="The site whose audit is checked.")],
    *,
    former_key: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="The file of a former audit key; it may be repeated."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=TIMES, metavar="TIME", help="Only entries from this time on, with its time zone."),
    ] = None,
) -> None:
    """List entries of people without a valid proof, and acts of people without an entry. Status 1 if any.

    An entry is proven by the site, or by the sign-in of an operator.
    """
    installation = installation_of(context)
    dsn = given(lambda: installation.audit(DATABASES[site]))
    own_key = given(lambda: installation.audit_key(site))
    operator = operator_of(installation, Action.VERIFY_AUDIT)
    keys = [_read_key(file) for file in (own_key, *(former_key or ()))]
    if asyncio.run(_check(site, dsn, keys, since, operator)):
        raise typer.Exit(1)


async def _check(site: SiteName, dsn: str, keys: list[AuditKey], since: datetime | None, operator: Operator) -> int:
    """Print what is wrong, then the figures; return how much is wrong. The audit gets the reading first."""
    async with reading(dsn) as connection:
        count = await count_entries(connection, since)
    await note_reading(dsn, operator, VERIFIED, subject=site, count=count, what="entries read")
    async with reading(dsn) as connection:
        checked, faulty = await _listed(_line_of_entry(found) async for found in check_proofs(connection, keys, since))
        acts, missing = await _listed(_line_of_act(act) async for act in compare_acts(connection, ACTS_OF[site]))
    typer.echo(f"{checked} entries of people checked, {faulty} without a valid proof")
    typer.echo(f"{acts} acts of people compared, {missing} without an entry of theirs")
    return faulty + missing


async def _listed(lines: AsyncIterable[str]) -> tuple[int, int]:
    """Print the lines that are not empty; return how many lines there were, and how many of them were printed."""
    every = printed = 0
    async for line in lines:
        every += 1
        if line:
            printed += 1
            typer.echo(line)
    return every, printed


def _line_of_entry(found: CheckedEntry) -> str:
    """Return a line about an entry with a fault. Its reason is left out."""
    entry = found.entry
    words = (str(found.number), found.fault, entry.actor, entry.action, entry.subject)
    return _line(entry.at, *words) if found.fault else ""


def _line_of_act(act: ComparedAct) -> str:
    """Return a line about an act with a fault."""
    return _line(act.at, "-", act.fault, act.actor or "-", act.action, act.subject) if act.fault else ""


def _line(at: datetime | None, number: str, *words: str) -> str:
    """Return a line with its time; control characters are escaped."""
    when = f"{at:%Y-%m-%d %H:%M:%S%z}" if at else "-"
    return "  ".join([number, when, *(word if word.isprintable() else repr(word) for word in words)])


def _read_key(file: Path) -> AuditKey:
    """Return the key in a file; end the command if there is none in it, or if others can reach the file."""
    try:
        if file.stat().st_mode & OTHERS:
            fail(f"{file}: others can reach it: chmod 600")
        key = decode_base64(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        fail(f"{file}: no key in base64")
    if len(key) != KEY_BYTES:
        fail(f"{file}: not a key of {KEY_BYTES} bytes")
    return AuditKey(key)
