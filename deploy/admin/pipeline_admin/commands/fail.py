"""How a command ends when it cannot do what it was asked."""

from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """End the command with a message and status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
