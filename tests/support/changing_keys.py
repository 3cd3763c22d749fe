"""The key ceremony on a local stack: its keys are laid out as on separate computers, and its programs use them."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from typer.testing import CliRunner

from pipeline_admin.main import app
from pipeline_local.stack import LocalStack
from pipeline_settings.key_table import KEYS, OFFLINE, TRUST_ROOT
from pipeline_settings.setting import variable


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Folders like those of separate computers: one for each holder of keys, made from a stack's."""

    stack: LocalStack
    place: Path

    def lay_out(self) -> None:
        for holder, kids in self._kids().items():
            (self.place / holder).mkdir(mode=0o700, parents=True)
            for kid in kids:
                shutil.copy(self.stack.home.keys / f"{kid}.key", self.place / holder)

    def run(self, *arguments: object, environment: Mapping[str, str] = {}) -> str:
        """Run `pipeline keys`, and fail unless it succeeds."""
        done = CliRunner().invoke(app, ["keys", *map(str, arguments)], env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    def files(self, holder: str) -> list[Path]:
        """Return the files of the keys that a process opens with; its role has its name."""
        return sorted((self.place / holder).glob(f"{holder}-*.key"))

    def restart(self, name: str, **settings: str) -> None:
        """Restart a process, with other settings if any are named."""
        program = self.stack.program(name)
        changed = {variable(name, setting): value for setting, value in settings.items()}
        self.stack.processes.stop([name])
        self.stack.restart(replace(program, environment={**program.environment, **changed}))

    def restart_with_keys(self, name: str) -> None:
        """Restart a process with every key of its folder."""
        self.restart(name, PRIVATE_KEYS=os.pathsep.join(map(str, self.files(name))))

    def _kids(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {OFFLINE: [TRUST_ROOT]}
        for row in KEYS:
            found.setdefault(row.holder, []).append(row.kid(1))
        return found
