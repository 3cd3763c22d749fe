"""`pipeline keys escrow`: open the record of one source with the offline escrow key, where the law requires it."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from pipeline_admin.ceremony.account import this_account
from pipeline_admin.ceremony.escrow import SealedSource, open_source, read_sealed_source
from pipeline_admin.ceremony.key_folder import KeyFolder
from pipeline_admin.ceremony.log import write_act
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.ceremony.signing import require_new, write_new
from pipeline_admin.ceremony.taking import find_source_of_case, take_source
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import installation_of, operator_of
from pipeline_shared.access.permissions import Action

Reason = Annotated[str, typer.Option("--reason", help="The court order or law that requires it, with its reference.")]

escrow = typer.Typer(help="Open one source, where the law requires it.", no_args_is_help=True)


@escrow.command("take")
def take(
    context: typer.Context,
    *,
    case: Annotated[UUID | None, typer.Option(help="The id of the case.")] = None,
    source: Annotated[UUID | None, typer.Option(help="Or the reference of its source.")] = None,
    reason: Reason,
    out: Annotated[Path, typer.Option(help="The new file for the sealed record.")],
) -> None:
    """Write one sealed record from the restricted store into a file, after an entry in the audit."""
    if (case is None) == (source is None):
        fail("either --case or --source")
    installation = installation_of(context)
    operator = operator_of(installation, Action.TAKE_SOURCE, reason)

    async def sealed() -> SealedSource:
        source_ref = source or await find_source_of_case(installation, case, operator, reason)
        return SealedSource.of(source_ref, await take_source(installation, source_ref, operator, reason))

    try:
        require_new(out)
        carried = asyncio.run(sealed())
        write_new(out, carried.model_dump_json().encode())
    except CeremonyError as error:
        fail(str(error))
    typer.echo(f"sealed: carry {out} to the offline computer")


@escrow.command("open")
def open_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file of `escrow take`.")],
    *,
    folder: Annotated[Path, typer.Option(help="The folder of the offline keys.")],
    reason: Reason,
) -> None:
    """Open one sealed record, and print its submitter and its source. Run it on the offline computer."""
    place = KeyFolder(folder)
    if not reason.strip():
        fail("a reason is needed")
    try:
        place.require_closed()
        place.require_offline()
        carried = read_sealed_source(file.read_bytes())
        opened = open_source(carried, place)
        # The entry is on the disk before the command prints anything.
        digest = write_act(place.path, this_account(), "source_opened", subject=str(carried.source_ref), reason=reason)
    except CeremonyError as error:
        fail(str(error))
    submission = opened.submission
    typer.echo(f"agency: {opened.agency.name}, received {opened.received_at:%Y-%m-%d}")
    typer.echo(f"submitter: {submission.submitter.model_dump_json(exclude_defaults=True)}")
    typer.echo(f"source: {submission.source.model_dump_json(exclude_defaults=True)}")
    typer.echo(f"last hash of ceremony.log: {digest}")
