"""`pipeline audit`: check that the sites themselves made the entries of the audit."""

import asyncio
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline_admin.audit_proofs import CheckedEntry, check_proofs
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import given, installation_of, operator_of
from pipeline_admin.commands.options import TIMES
from pipeline_admin.databases import reading
from pipeline_shared.access.permissions import Action
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.secret_files import OTHERS
from pipeline_shared.runtime.secret_types import KEY_BYTES
from pipeline_shared.web.identity.entry_proofs import AuditKey

audit = typer.Typer(help="The audit: who did what.", no_args_is_help=True)


class SiteName(StrEnum):
    """A site with people, by the name of its process."""

    TRIAGE = "triage"
    DESK = "desk"


DATABASES = {SiteName.TRIAGE: "triage", SiteName.DESK: "sanitiser"}


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
        datetime | None, typer.Option(formats=TIMES, metavar="TIME", help="Only from this time on, with its time zone.")
    ] = None,
) -> None:
    """List the entries of people that nobody proved: neither the site nor an operator's sign-in. Status 1 if any."""
    installation = installation_of(context)
    dsn = given(lambda: installation.audit(DATABASES[site]))
    own_key = Path(given(lambda: installation.audit_key(site)))
    operator_of(installation, Action.VERIFY_AUDIT)
    keys = [_read_key(file) for file in (own_key, *(former_key or ()))]
    checked, faulty = asyncio.run(_check(dsn, keys, since))
    typer.echo(f"{checked} entries of people checked, {faulty} without a valid proof")
    if faulty:
        raise typer.Exit(1)


async def _check(dsn: str, keys: list[AuditKey], since: datetime | None) -> tuple[int, int]:
    checked = faulty = 0
    async with reading(dsn) as connection:
        async for found in check_proofs(connection, keys, since):
            checked += 1
            if found.fault:
                faulty += 1
                typer.echo(_line(found))
    return checked, faulty


def _line(found: CheckedEntry) -> str:
    """Return a line about an entry. Its reason is left out, and control characters are escaped."""
    entry = found.entry
    at = f"{entry.at:%Y-%m-%d %H:%M:%S%z}" if entry.at else "-"
    words = (entry.actor, entry.action, entry.subject)
    return "  ".join(
        [f"{found.number}", at, found.fault, *(word if word.isprintable() else repr(word) for word in words)]
    )


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
