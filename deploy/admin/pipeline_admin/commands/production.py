"""`pipeline production`: prepare and check the folder of an installation's secrets (docs/operating.md)."""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline_admin.commands.fail import fail
from pipeline_admin.production.checking import faults
from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.preparing import prepare as prepare_folder
from pipeline_shared.runtime.no_dumps import forbid_core_dumps

Folder = Annotated[Path, typer.Option("--folder", help="The folder of the installation's secrets.")]
DEFAULT = Path("/etc/pipeline")

production = typer.Typer(help="An installation on one host: see docs/operating.md.", no_args_is_help=True)


@production.callback()
def _in_memory_only() -> None:
    """Leave no core dump of a process that holds keys and passwords."""
    forbid_core_dumps()


@production.command()
def prepare(folder: Folder = DEFAULT) -> None:
    """Make passwords and certificates that are missing or end soon, and hand each container its own files."""
    owed = prepare_folder(InstallationFolder(folder, makes=True))
    typer.echo(f"prepared {folder}: each container has its files")
    if owed:
        _refuse("still missing:", owed)


@production.command()
def check(folder: Folder = DEFAULT) -> None:
    """Print everything that is missing or wrong before the containers may start; change nothing."""
    if found := faults(InstallationFolder(folder), os.environ):
        _refuse("not ready:", found)
    typer.echo("ready to start")


def _refuse(heading: str, found: list[str]) -> NoReturn:
    fail("\n  ".join([heading, *found]))
