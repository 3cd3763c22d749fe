"""`pipeline where`: prints addresses and folders of the running stack."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline_local.commands.find_stack import running_state


def where(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print addresses and folders of the local stack; with --json also administrators' connections."""
    state = running_state()
    if as_json:
        typer.echo(json.dumps(state, indent=2))
        return
    console, table = Console(), Table("process", "address", "pid", box=None)
    for name, address in state["addresses"].items():
        table.add_row(name, address, str(state["pids"].get(name, "-")))
    for name, address in state["operations"].items():
        table.add_row(f"{name}: health and metrics", address, str(state["pids"].get(name, "-")))
    console.print(table)
    for name, folder in state["folders"].items():
        console.print(f" {name:<14} {folder}", highlight=False, soft_wrap=True)
