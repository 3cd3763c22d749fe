"""The processes of one local stack: they end with it, log to files, and stop within a time limit.

The kernel ties a process to the *thread* that started it, so one thread that lives as long as this object starts all of
them.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pipeline_local.home import open_log

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
KILLED_WITHIN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its command and how it is stopped. `parent_death_signal` is sent when the supervisor dies."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    account: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20
    parent_death_signal: signal.Signals = signal.SIGKILL


class Processes:
    """Starts, watches and ends programs by name."""

    def __init__(self) -> None:
        self._spawner = ThreadPoolExecutor(1, thread_name_prefix="spawner")
        self._running: dict[str, tuple[Program, subprocess.Popen[bytes]]] = {}
        self._lock = threading.Lock()

    def start(self, program: Program) -> int:
        """Start a program, or return the pid of the running one with its name."""
        with self._lock:
            if (pid := self.pid(program.name)) is not None:
                return pid
            process = self._spawner.submit(_spawn, program).result()
            self._running[program.name] = (program, process)
            return process.pid

    def pid(self, name: str) -> int | None:
        """Return the pid of a running process."""
        entry = self._running.get(name)
        return entry[1].pid if entry and entry[1].poll() is None else None

    def pids(self) -> dict[str, int]:
        """Return the pid of every running process."""
        return {name: pid for name in list(self._running) if (pid := self.pid(name)) is not None}

    def exited(self) -> list[tuple[Program, int]]:
        """Return each program that ended without a stop, with its exit status."""
        entries = list(self._running.values())
        return [(program, status) for program, process in entries if (status := process.poll()) is not None]

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and keep the program on record, so that a supervisor sees a crash.

        A SIGKILL is waited for; otherwise a start right after it would find the dying process.
        """
        if (pid := self.pid(name)) is not None:
            os.kill(pid, how)
            if how is signal.SIGKILL:
                self._running[name][1].wait(KILLED_WITHIN_SECONDS)

    def stop(self, names: Iterable[str]) -> None:
        """Stop processes together and wait for each; kill those that exceed their time."""
        with self._lock:
            ending = [entry for name in names if (entry := self._running.pop(name, None))]
            for program, process in ending:
                if process.poll() is None:
                    process.send_signal(program.stop_signal)
            for program, process in ending:
                _wait(program, process)

    def close(self) -> None:
        """Stop all running processes, and the thread that started them."""
        self.stop(list(self._running))
        self._spawner.shutdown()


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    launcher = (sys.executable, "-I", "-S", str(DIE_WITH_PARENT))
    how = (str(os.getpid()), str(int(program.parent_death_signal)), program.account)
    with open_log(program.log) as log:
        return subprocess.Popen(
            (*launcher, *how, *program.command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(program.environment),
            cwd="/",
            start_new_session=True,  # Ctrl-C reaches only the supervisor, which stops the others in order
        )


def _wait(program: Program, process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(program.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(KILLED_WITHIN_SECONDS)
