"""The local commands of the processes, with settings in environment variables and secrets in files."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.home import Home, write_atomically
from pipeline_local.keys import Keys
from pipeline_local.ports import LOOPBACK
from pipeline_local.processes import Program
from pipeline_settings.processes import PROCESS_OF, PROCESSES
from pipeline_settings.sources import Deployment, Installed
from pipeline_settings.table import environment_of, secrets_of

APPLICATIONS = tuple(process.name for process in PROCESSES)
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR")
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class MachinePaths:
    """The paths on the local machine: all files are in one folder."""

    home: Home

    def key_file(self, name: str) -> str:
        """Return the path of a key file."""
        return str(self.home.keys / name)

    def secret_file(self, process: str, setting: str) -> str:
        """Return the path of the file that holds a secret setting of a process."""
        return str(self.home.keys / "secrets" / process / setting)

    def folder(self, name: str) -> str:
        """Return the path of a process's data folder."""
        return str(self.home.data / name)


@dataclass(frozen=True, slots=True)
class Machine:
    """The local machine as a deployment: all addresses on loopback, all files in one folder."""

    home: Home
    keys: Keys
    ports: Mapping[str, int]

    @property
    def deployment(self) -> Deployment:
        """Return the kind of deployment."""
        return Deployment.LOCAL

    @property
    def paths(self) -> MachinePaths:
        """Return where the processes find their files."""
        return MachinePaths(self.home)

    def port(self, name: str) -> int:
        """Return the chosen port of a process."""
        return self.ports[name]

    def address(self, name: str) -> str:
        """Return the host and port of a process or the broker."""
        return f"{LOOPBACK}:{self.ports[name]}"

    def public(self, name: str) -> str:
        """Return the host and port of a process for browsers."""
        return self.address(name)

    def installed(self, source: Installed) -> str:
        """Refuse: the table has such values for production only."""
        raise LookupError(source)

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret of the stack."""
        return self.keys.secret(kind, owner)


def write_secrets(machine: Machine) -> None:
    """Write every secret of every process into a file of its own, which only its owner can read."""
    for name in APPLICATIONS:
        for setting, value in secrets_of(name, machine).items():
            file = Path(machine.paths.secret_file(name, setting))
            for folder in (file.parents[1], file.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            write_atomically(file, value.encode())


def program_of(name: str, machine: Machine) -> Program:
    """Return the program of a process."""
    inherited = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    own = environment_of(name, machine)
    return Program(
        name=name,
        command=(sys.executable, "-m", PROCESS_OF[name].module),
        log=machine.home.logs / f"{name}.log",
        environment={**inherited, "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "random", **own},
        stop_seconds=STOP_SECONDS,
    )
