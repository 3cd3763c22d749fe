"""How a command ends when it cannot do what it was asked."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from pipeline_local.downloads import DownloadError
from pipeline_local.waiting import NotStartedError, StoppedError

INTERRUPTED = 130


def fail(message: str) -> NoReturn:
    """End the command with a message and status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


@contextmanager
def start_failures_explained(logs: Path) -> Generator[None]:
    """End the command in one line when a download fails or a process does not start; `logs` is where they write."""
    try:
        yield
    except StoppedError:
        raise typer.Exit(INTERRUPTED) from None
    except DownloadError as error:
        fail(str(error))
    except NotStartedError as error:
        fail(f"{error.name} did not start: see {error.log or logs / f'{error.name}.log'}")
