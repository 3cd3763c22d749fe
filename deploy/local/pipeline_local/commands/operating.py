"""Commands that change a running stack: provisioning, and what operators do with parked records and agencies."""

import typer
from pydantic import ValidationError

from pipeline_local.commands.lifecycle import fail
from pipeline_local.provision import ProvisionSettings, provision_from


def provision() -> None:
    """Make topics, users, permissions, roles and schemas as PROVISION_… environment variables say."""
    try:
        settings = ProvisionSettings()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        fail("missing or wrong: " + ", ".join(f"PROVISION_{part}".upper() for e in error.errors() for part in e["loc"][:1]))
    for name in provision_from(settings):
        typer.echo(f"applied {name}")
    typer.echo("provisioned")
