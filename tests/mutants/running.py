"""Run a choice of tests in a copy of the tree, in a process that cannot outlive this one."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.home import Home
from pipeline_local.processes import DIE_WITH_PARENT
from tests.mutants.tree import Tree

STOP_SECONDS = 40  # the time in which a stack stops in order
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """The end of a pytest run: its exit status (None if it took too long), its failures, and its output."""

    status: int | None
    failed: tuple[str, ...]
    text: str


async def run_tests(tree: Tree, tests: Iterable[str], *options: str, seconds: float) -> Run:
    """Run tests of a copy, and remove everything that they leave on the disk."""
    folder, log = tree.root.with_name(f"{tree.root.name}-tests"), tree.root.with_name(f"{tree.root.name}.log")
    launcher = (sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid()), str(int(signal.SIGKILL)), "")
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}", *options, *tests)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *launcher,
            *pytest,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=tree.root,
            env=tree.environment(),
            start_new_session=True,  # only this program receives Ctrl-C; it ends the others in order
        )
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
        status = process.returncode
    except TimeoutError:
        status = None
    finally:
        await _end(process)
        _clean(folder)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Run(status, tuple(FAILED.findall(text)), text)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _clean(folder: Path) -> None:
    for home in folder.glob("stack*"):
        Home(home.resolve()).remove()  # its database may be outside the folder
    shutil.rmtree(folder, ignore_errors=True)
