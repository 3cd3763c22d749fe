"""The port of each process: the well-known ports for people, free ports for tests."""

import socket
from contextlib import ExitStack

from pipeline_settings.processes import PROCESSES

LOOPBACK = "127.0.0.1"

PREFERRED = {
    **{process.name: process.port for process in PROCESSES if process.port},
    **{process.operations_name: process.operations_port for process in PROCESSES if process.operations_port},
    "postgres": 8132,
    "kafka": 8192,
    "kafka-controller": 8193,
}


def choose_ports(*, preferred: bool) -> dict[str, int]:
    """Return a port for each process: its preferred one if it is free, otherwise any free one."""
    with ExitStack() as held:  # all stay open until the last is chosen, so that no two are the same
        return {name: _reserve(held, port if preferred else 0) for name, port in PREFERRED.items()}


def free_ports(count: int) -> list[int]:
    """Return this many free ports."""
    with ExitStack() as held:
        return [_reserve(held, 0) for _ in range(count)]


def _reserve(held: ExitStack, port: int) -> int:
    probe = held.enter_context(socket.socket())
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # allows a port that is in TIME_WAIT after a restart
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        probe.bind((LOOPBACK, 0))
    return probe.getsockname()[1]


def accepts(port: int) -> bool:
    """Tell whether something listens on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
