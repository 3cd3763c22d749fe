"""A child process that does jobs for a service: what hangs, dies or takes long there costs the service nothing.

Jobs and answers pass through an anonymous pipe and are never written down. The child inherits no connection and no
socket, leaves no core dump, says nothing on its standard error, and ends when its parent does.
"""

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")

_spawning = multiprocessing.get_context("spawn")  # never fork a process in which an event loop runs


class Child:
    """One child and the pipe to it. Its methods block: call them in a thread."""

    def __init__(self) -> None:
        self._pipe, theirs = _spawning.Pipe()
        self._process: BaseProcess = _spawning.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # the child's end is the child's alone, so that its death is the end of the pipe

    def is_alive(self) -> bool:
        """Tell whether the child runs."""
        return self._process.is_alive()

    def ask(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """Return what the child makes of jobs; raise EOFError or OSError when it has died, also while this waits."""
        self._pipe.send(tuple(jobs))
        return self._pipe.recv()

    def kill(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.join(5)


def _serve(pipe: Connection) -> None:
    """Do jobs until the parent's end of the pipe closes; leave nothing behind, however this ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - a traceback's message could quote the text
        sys.stderr = nowhere
        while True:
            try:
                jobs: Sequence[Callable[[], object]] = pipe.recv()
            except (EOFError, OSError):
                return
            pipe.send([job() for job in jobs])
