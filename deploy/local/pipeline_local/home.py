"""The folder of the local stack: it holds everything, so that deleting it removes the stack.

`state.json` lists the running processes and their addresses. It is replaced as a whole, so that no reader sees half of
it.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

REPOSITORY = Path(__file__).resolve().parents[3]
LOG_MODE = 0o640


@dataclass(frozen=True, slots=True)
class Home:
    """The folders and files of one local stack."""

    root: Path

    @property
    def data(self) -> Path:
        """The data of Kafka, the police simulator, and PostgreSQL if `nobody` can reach it there."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """Keys and passwords, readable by their owner only."""
        return self.root / "keys"

    @property
    def state_file(self) -> Path:
        """The running processes and their addresses."""
        return self.root / "state.json"

    @property
    def installation_file(self) -> Path:
        """Addresses and administrators' credentials for the operator's commands (ADMIN_FILE)."""
        return self.keys / "installation.json"

    @property
    def lock_file(self) -> Path:
        """Locked while a stack runs from this folder."""
        return self.root / "lock"

    @property
    def outside(self) -> Path:
        """The folder for PostgreSQL, which runs as `nobody`, when this one lies below a closed folder such as /root."""
        return Path("/var/tmp") / f"pipeline-{hashlib.sha256(str(self.root).encode()).hexdigest()[:12]}"  # noqa: S108

    def create(self) -> None:
        """Create the folders; only their owner can read the keys."""
        for folder in (self.root, self.data, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Delete the stack's folder and its outside folder."""
        for folder in (self.root, self.outside):
            shutil.rmtree(folder, ignore_errors=True)

    def read_state(self) -> dict[str, Any]:
        """Return the last written state; empty when the stack never ran."""
        try:
            return json.loads(self.state_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state file in one step."""
        write_atomically(self.state_file, json.dumps(state, indent=2).encode())


def find_home() -> Home:
    """Return PIPELINE_HOME, or `.local` in the repository."""
    return Home(Path(os.environ.get("PIPELINE_HOME") or REPOSITORY / ".local").resolve())


def open_log(path: Path, *, anew: bool = False) -> BinaryIO:
    """Open a log file to append to, or an empty one: its owner and group can read it, and nobody else."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if anew else os.O_APPEND), LOG_MODE)
    os.fchmod(descriptor, LOG_MODE)  # also a file from before, and under any umask
    return os.fdopen(descriptor, "wb" if anew else "ab")


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in one step, so that no reader sees half of it."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
