"""How a command finds the installation that it works on."""

from collections.abc import Callable
from typing import cast

import typer
from pydantic import ValidationError

from pipeline_admin.commands.fail import fail
from pipeline_admin.installation import FILE, Installation

Find = Callable[[], Installation]


def installation_of(context: typer.Context) -> Installation:
    """Return the installation that the command line stands for: the environment's, or the local stack's."""
    return cast("Find | None", context.obj or from_environment)()  # pyright: ignore[reportOptionalCall]


def from_environment() -> Installation:
    """Return what ADMIN_… variables and ADMIN_FILE say; end the command where something is missing or wrong."""
    try:
        return Installation()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        fields = {f"ADMIN_{problem['loc'][0]}".upper() for problem in error.errors() if problem["loc"]}
        fail(f"missing or wrong: {', '.join(sorted(fields))} ({FILE} may name a file that holds them)")
