"""A child process that does jobs for a service: a job that hangs, crashes or takes long does not stop the service.

Jobs and answers pass through an anonymous pipe and are never written to disk. The child inherits no connection, socket
or setting of the service, leaves no core dump, and writes nothing to its standard error. The kernel ends the child when
the thread that made it ends, for any reason and during any job; threads of the event loop's pool live as long as the
process. `multiprocessing` is not used, because it leaves a process behind that tracks resources which are not used
here.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

from pipeline_shared.runtime.no_dumps import forbid_core_dumps

T = TypeVar("T")

PR_SET_PDEATHSIG = 1
BEHIND = 5  # niceness of a child that may wait on a busy machine: it gets a third of the CPU time of others
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "TMPDIR")


class Child:
    """One child and the pipe to it. Its methods block: call them in a thread.

    With a `niceness` such as BEHIND, other processes go first when the machine is busy.
    """

    def __init__(self, *, niceness: int = 0) -> None:
        ours, theirs = socket.socketpair()
        with theirs:  # close our copy of the child's end, so that the pipe closes when the child ends
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                (
                    sys.executable,
                    "-m",
                    "pipeline_shared.runtime.child",
                    str(theirs.fileno()),
                    str(os.getpid()),
                    str(niceness),
                ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback's message could quote the text
                pass_fds=(theirs.fileno(),),
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            )
        self._pipe = Connection(ours.detach())
        self._pipe.send(sys.path)

    def is_alive(self) -> bool:
        """Tell whether the child runs."""
        return self._process.poll() is None

    def ask(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """Return the child's answers to jobs; raise EOFError or OSError if it dies, also during this wait."""
        self._pipe.send(tuple(jobs))
        return self._pipe.recv()

    def kill(self) -> None:
        """End the child, even in the middle of a job."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # the kernel ends it as soon as it can
            self._process.wait(1)


def _serve(pipe: Connection) -> None:
    """Do jobs until the parent's end of the pipe closes."""
    sys.path[:] = pipe.recv()
    while True:
        try:
            jobs: Sequence[Callable[[], object]] = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send([job() for job in jobs])


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent; end now if the parent has already ended."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has already ended")


def main() -> None:
    """Be a child: `python -m pipeline_shared.runtime.child PIPE PARENT NICENESS`."""
    pipe, parent, niceness = (int(argument) for argument in sys.argv[1:])
    _die_with(parent)
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    _serve(Connection(pipe))


if __name__ == "__main__":
    main()
