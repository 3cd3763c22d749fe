"""Processes of the local stack: each ends with the process that started it, and is stopped in its time."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from pipeline_local.processes import Processes, Program
from pipeline_local.waiting import wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-uc",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)",
)

PARENT = """
import sys, threading
from pathlib import Path
from pipeline_local.processes import Processes, Program
processes = Processes()
program = Program("child", {command!r}, Path({log!r}))
starter = threading.Thread(target=lambda: print(processes.start(program), flush=True))
starter.start()
starter.join()
threading.Event().wait()
"""


@pytest.fixture
def processes() -> Generator[Processes, None, None]:
    processes = Processes()
    yield processes
    processes.close()


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_process_dies_with_a_parent_that_was_killed_and_not_with_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    code = PARENT.format(command=SLEEP, log=str(tmp_path / "log"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.kill()
    wait_until(lambda: not lives(child), "the child's end", seconds=10)


def test_a_process_that_ends_by_itself_is_reported_with_its_status(processes: Processes, tmp_path: Path) -> None:
    program = Program("short", (sys.executable, "-c", "raise SystemExit(7)"), tmp_path / "log")
    processes.start(program)
    wait_until(lambda: processes.exited() == [(program, 7)], "the end", seconds=10)


def test_a_killed_process_may_start_again_under_its_name(processes: Processes, tmp_path: Path) -> None:
    program = Program("again", SLEEP, tmp_path / "log")
    first = processes.start(program)
    processes.kill("again")
    assert processes.exited() == [(program, -signal.SIGKILL)]
    assert processes.start(program) != first
    assert processes.exited() == []


def test_a_process_that_does_not_listen_is_killed_after_its_time(processes: Processes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    pid = processes.start(Program("stubborn", STUBBORN, log, environment=os.environ, stop_seconds=0.2))
    wait_until(lambda: "deaf" in log.read_text(), "its start", seconds=10)
    processes.stop(["stubborn"])
    assert not lives(pid)
    assert processes.exited() == []
