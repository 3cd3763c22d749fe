"""CPU time of each process between two readings."""

from collections.abc import Mapping
from contextlib import suppress

import psutil

GENERATOR = "load generator"


def read_cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds used so far by each named process, and by this one as the load generator."""
    used = {name: _seconds(psutil.Process(pid)) for name, pid in pids.items()}
    return {**used, GENERATOR: _own(psutil.Process())}


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the CPU seconds used between two readings."""
    return {name: seconds - before[name] for name, seconds in after.items() if name in before}


def add(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Add two results, process by process."""
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in {**one, **other}}


def _seconds(process: psutil.Process) -> float:
    """Count a process, its children and its ended children: PostgreSQL has one process per connection."""
    times = process.cpu_times()
    total = _own(process) + times.children_user + times.children_system
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            total += _own(child)
    return total


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
