"""`pipeline up` and `pipeline down`: start the whole stack, and stop it without a trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipeline_admin.commands.fail import fail
from pipeline_local.certificates import authorities_file
from pipeline_local.commands.start_failures import start_failures_explained
from pipeline_local.home import Home, find_home, open_log
from pipeline_local.lock import AlreadyRunningError, is_running
from pipeline_local.progress import StartProgress
from pipeline_local.stack import LocalStack
from pipeline_local.supervisor import Supervisor
from pipeline_local.waiting import wait_until

START_SECONDS = 240
STOP_SECONDS = 60


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when everything is ready.")] = False,
    any_ports: Annotated[bool, typer.Option("--any-ports", help="Take free ports, not the well-known ones.")] = False,
) -> None:
    """Start Kafka, PostgreSQL, the processes of the four services and the police simulator; Ctrl-C stops them."""
    home, console = find_home(), Console(stderr=True)
    if detach:
        _start_detached(home, console, any_ports=any_ports)
        return
    with running_stack(console, any_ports=any_ports) as stack:
        print_addresses(console, stack)
        console.print("[dim]Ctrl-C stops everything.[/]")
        stack.stopping.wait()


def down(
    *,
    forget: Annotated[bool, typer.Option("--forget", help="Remove its data, logs and keys as well.")] = False,
) -> None:
    """Stop a stack that runs in the background, and wait until all its processes have ended."""
    home = find_home()
    if is_running(home):
        os.kill(home.read_state()["supervisor"], signal.SIGTERM)
        wait_until(lambda: not is_running(home), "the end of the stack", seconds=STOP_SECONDS)
        typer.echo("stopped")
    else:
        typer.echo("nothing is running")
    if forget:
        home.remove()


@contextmanager
def running_stack(console: Console, *, any_ports: bool = False) -> Generator[LocalStack]:
    """Start a stack, keep it running, and always stop it at the end. Ctrl-C and SIGTERM set its `stopping`."""
    progress = StartProgress(console)
    try:
        stack = LocalStack(find_home().root, fixed_ports=not any_ports, notify=progress.notify)
    except AlreadyRunningError:
        fail("a stack runs here already: see `pipeline where`, or stop it with `pipeline down`")
    supervisor = Supervisor(stack, lambda message: console.print(escape(message), style="yellow"))
    _stop_on_signals(stack)
    with supervisor.watching(), start_failures_explained(stack.home.logs):
        with progress:
            supervisor.bring_up()
        yield stack
        console.print("stopping")


def print_addresses(console: Console, stack: LocalStack) -> None:
    """Print the addresses of the pages and the folder of the data."""
    places = {
        "submissions API": stack.address("intake") + "/docs",
        "triage desk": stack.address("triage"),
        "source desk": stack.address("desk"),
        "police simulator": stack.address("police"),
        "trust (--cacert)": str(authorities_file(stack.home)),
        "logs": str(stack.home.logs),
    }
    for name, place in places.items():
        console.print(f"  {name:<18}{place}", highlight=False)


def _stop_on_signals(stack: LocalStack) -> None:
    def ask_to_stop(_number: int, _frame: object) -> None:
        stack.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)


def _start_detached(home: Home, console: Console, *, any_ports: bool) -> None:
    if is_running(home):
        fail("a stack runs here already: see `pipeline where`")
    home.create()
    home.state_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pipeline_local.main", "up", *(["--any-ports"] if any_ports else [])]
    with open_log(home.logs / "up.log", anew=True) as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    began = time.monotonic()
    try:
        with console.status("starting the stack"):
            wait_until(lambda: _is_up(home) or process.poll() is not None, "the stack", seconds=START_SECONDS)
    except KeyboardInterrupt:
        process.terminate()
        raise
    if process.poll() is not None:
        fail((home.logs / "up.log").read_text(encoding="utf-8", errors="replace"))
    seconds = time.monotonic() - began
    console.print(f"ready after {seconds:.1f} s; `pipeline where` says where, `pipeline down` stops it")


def _is_up(home: Home) -> bool:
    return bool(home.read_state().get("ready"))
