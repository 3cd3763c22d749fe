"""The table that `pipeline up` shows during the start: each process, its current step and its time."""

import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from pipeline_local.stack import APPLICATIONS, INFRASTRUCTURE

ROWS = (*INFRASTRUCTURE, "provision", *APPLICATIONS)
READY = "ready"


class StartProgress:
    """Shows the start of each process; several threads call it."""

    def __init__(self, console: Console) -> None:
        self._began = time.monotonic()
        self._rows: dict[str, tuple[str, float]] = dict.fromkeys(ROWS, ("waiting", 0.0))
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        """Show the table."""
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the table."""
        self._live.stop()

    def notify(self, name: str, progress: str) -> None:
        """Show the current step of a process."""
        self._rows[name] = (progress, time.monotonic() - self._began)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, (progress, seconds) in self._rows.items():
            ready = progress == READY
            style = "green" if ready else "dim" if progress == "waiting" else "yellow"
            table.add_row(name, f"[{style}]{progress}[/]", f"{seconds:.1f} s" if ready else "")
        return table
