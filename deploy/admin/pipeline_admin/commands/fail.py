"""The end of a command that fails."""

from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """End the command with a message and status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
