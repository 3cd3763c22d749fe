"""Options that several commands have."""

from typing import Annotated

import typer

Reason = Annotated[str | None, typer.Option("--reason", help="Why, for the audit.")]
TIMES = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]
