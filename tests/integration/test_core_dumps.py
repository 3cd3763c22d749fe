"""No process of the pipeline leaves a core dump, and nobody outside operations reads its log."""

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pipeline_local.stack import EVERYTHING, LocalStack
from pipeline_shared.runtime import no_dumps
from tests.support.waiting import wait_for

CORE = "Max core file size"
HOLDING = f"""
import ctypes, importlib.util, os, sys
spec = importlib.util.spec_from_file_location("no_dumps", {no_dumps.__file__!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
os.setresuid(*(int(sys.argv[2]),) * 3)  # clears dumpable
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as after the start of a program
if sys.argv[1] == "forbid":
    module.forbid_core_dumps()
print("holding", flush=True)
sys.stdin.read()
"""


def core_limits(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.startswith(CORE)).removeprefix(CORE).split()[:2]


async def test_attack_84_no_process_of_the_stack_leaves_a_core_dump(pipeline: LocalStack) -> None:
    pids = {name: pipeline.processes.pid(name) for name in EVERYTHING}
    running = {name: psutil.Process(pid) for name, pid in pids.items() if pid is not None}
    assert running.keys() == set(EVERYTHING)

    async def has_children() -> bool:
        return all(running[name].children() for name in ("intake", "sanitiser", "desk"))

    await wait_for(has_children, "the children that open, match and review")
    holders = [each for process in running.values() for each in (process, *process.children(recursive=True))]
    assert [each for each in holders if core_limits(each.pid) != ["0", "0"]] == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root starts a process as another account")
@pytest.mark.parametrize(("what", "owner"), [("forbid", "root"), ("allow", "nobody")])
def test_attack_84_the_memory_of_a_process_is_closed_to_its_own_account(what: str, owner: str) -> None:
    """Linux gives the files of a process that is not dumpable to root, whatever its own account is."""
    command = [sys.executable, "-I", "-S", "-c", HOLDING, what, str(pwd.getpwnam("nobody").pw_uid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"holding\n"
        assert pwd.getpwuid(Path(f"/proc/{holder.pid}/mem").stat().st_uid).pw_name == owner
        holder.communicate()


async def test_a_log_is_read_by_its_owner_and_group_and_by_nobody_else(pipeline: LocalStack) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in pipeline.home.logs.iterdir()}
    assert {f"{name}.log" for name in EVERYTHING} <= modes.keys()
    assert modes == dict.fromkeys(modes, 0o640)
