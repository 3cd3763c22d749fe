"""Ends a command when the stack does not start."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import typer

from pipeline_admin.commands.fail import fail
from pipeline_local.downloads import DownloadError
from pipeline_local.waiting import NotStartedError, StoppedError

INTERRUPTED = 130


@contextmanager
def start_failures_explained(logs: Path) -> Generator[None]:
    """End the command with one line when a download fails or a process does not start; `logs` is the log folder."""
    try:
        yield
    except StoppedError:
        raise typer.Exit(INTERRUPTED) from None
    except DownloadError as error:
        fail(str(error))
    except NotStartedError as error:
        fail(f"{error.name} did not start: see {error.log or logs / f'{error.name}.log'}")
