"""`pipeline where` and `pipeline topology`: what runs where, and who may write and read what."""

import json
from typing import Annotated

import typer
from pipeline_shared.topics import TOPOLOGY
from rich.console import Console
from rich.table import Table

from pipeline_local.commands.lifecycle import fail
from pipeline_local.home import find_home
from pipeline_local.stack import is_running


def where(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with administrators' passwords.")] = False) -> None:
    """Print addresses, folders and administrators' connections of the local stack."""
    home = find_home()
    if not is_running(home) or not (state := home.read_state()):
        fail("nothing is running: `pipeline up` starts it")
    if as_json:
        typer.echo(json.dumps(state, indent=2))
        return
    table = Table("process", "address", "pid", box=None)
    for name, address in state["addresses"].items():
        table.add_row(name, address, str(state["pids"].get(name, "-")))
    console = Console()
    console.print(table)
    for name, folder in state["folders"].items():
        console.print(f"{name:<14} {folder}", highlight=False, soft_wrap=True)


def topology() -> None:
    """Print every topic: who writes it, who reads it, its key, partitions and retention."""
    table = Table("topic", "written by", "read by", "key", "partitions", "kept", box=None)
    for topic in TOPOLOGY:
        kept = f"{topic.retention.days} days"
        table.add_row(topic.name, topic.producer, ", ".join(topic.consumers), topic.key, str(topic.partitions), kept)
    Console().print(table)
