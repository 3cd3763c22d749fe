"""The supervisor of a local stack: starts processes in order, restarts those that end, stops them in order.

The pause before a restart grows with each failure in a row, so that a broken process does not take all CPU time. The
other processes keep running: each waits for its dependencies to return.
"""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline_local.home import open_log
from pipeline_local.processes import Program
from pipeline_local.stack import EVERYTHING, LocalStack
from pipeline_shared.runtime.retry import grown

LOOK_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
STEADY_SECONDS = 10.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class _History:
    """The failures in a row of one process, and the earliest time of its next start."""

    failures: int = 0
    started_at: float = 0.0
    next_start: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Watches the processes of one stack until the stack is stopping."""

    stack: LocalStack
    tell: Tell
    _histories: dict[str, _History] = field(default_factory=lambda: {name: _History() for name in EVERYTHING})

    def bring_up(self) -> None:
        """Start everything; return when all processes are ready."""
        self.stack.start_infrastructure()
        self.stack.provision()
        self.stack.start_services()
        self.stack.save_state(ready=True)
        self._log("everything is ready")

    def watch(self) -> None:
        """Restart processes that end unexpectedly, until the stack is stopping."""
        while not self.stack.stopping.wait(LOOK_SECONDS):
            for program, status in self.stack.processes.exited():
                self._attend(program, status)

    @contextmanager
    def watching(self) -> Generator[None]:
        """Watch in a separate thread; stop the stack at the end."""
        thread = threading.Thread(target=self.watch, name="supervisor", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stack.stopping.set()
            thread.join()
            self.stack.stop()

    def _attend(self, program: Program, status: int) -> None:
        history, now = self._histories[program.name], time.monotonic()
        if history.next_start is None:
            history.failures = 1 if now - history.started_at > STEADY_SECONDS else history.failures + 1
            history.next_start = now + _pause(history.failures)
            self._log(f"{program.name} ended unexpectedly ({_in_words(status)}); starting it again")
        if now >= history.next_start:
            history.started_at, history.next_start = now, None
            self.stack.restart(program)

    def _log(self, message: str) -> None:
        line = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {message}\n"
        with open_log(self.stack.home.logs / "supervisor.log") as log:
            log.write(line.encode())
        self.tell(message)


def _pause(failures: int) -> float:
    """Return the pause before a restart: none after the first failure, then doubled each time."""
    return 0.0 if failures <= 1 else grown(FIRST_PAUSE, LONGEST_PAUSE, failures - 1)


def _in_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
