"""docker-compose.yml under a test: its own project, on free ports, all data deleted at the end.

The ports are chosen before it starts, because the provider and its clients are told each other's addresses.
"""

import asyncio
import json
import os
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline_local.home import REPOSITORY
from pipeline_local.ports import LOOPBACK, free_ports
from pipeline_settings.processes import PROCESSES
from tests.support.keycloak import approve

CONTAINER_PORTS = {**{each.name: each.port for each in PROCESSES if each.port}, "prometheus": 9090, "grafana": 3000}
UP_SECONDS = 600
SECONDS = 120


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """One project, identified by its name."""

    name: str
    ports: Mapping[str, int] = field(
        default_factory=lambda: dict(zip(CONTAINER_PORTS, free_ports(len(CONTAINER_PORTS)), strict=True))
    )

    def up(self) -> None:
        """Start everything and return when all of it is healthy."""
        self.run("up", "--detach", "--build", "--wait", seconds=UP_SECONDS)

    def down(self) -> None:
        """Stop everything and delete its data and keys."""
        self.run("--profile", "*", "down", "--volumes", "--remove-orphans")

    def run(self, *arguments: str, seconds: float = SECONDS) -> str:
        """Run a command of Docker Compose and return its output; fail when it fails."""
        done = self.attempt(*arguments, seconds=seconds)
        if done.returncode:
            raise AssertionError(f"docker compose {arguments[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def attempt(self, *arguments: str, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a command of Docker Compose that may fail."""
        return subprocess.run(
            (*self._command(), *arguments),
            cwd=REPOSITORY,
            env=self._environment(),
            timeout=seconds,
            check=False,
            capture_output=True,
            text=True,
        )

    def _command(self) -> tuple[str, ...]:
        return ("docker", "compose", "--project-name", self.name)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **{f"{name}_PORT".upper(): str(port) for name, port in self.ports.items()}}

    def tools(self, *arguments: str) -> str:
        """Run a `pipeline` command in a container of its own."""
        return self.run("run", "--rm", "--no-deps", "tools", *arguments)

    def query(self, database: str, statement: str) -> str:
        """Return the rows of a statement on a database, as psql prints them without headings."""
        psql = 'PGPASSWORD=$(cat /run/keys/password) exec psql -XtA --dbname="$0" --command="$1"'
        return self.run("exec", "-T", "postgres", "sh", "-c", psql, database, statement)

    async def sign_in(self, person: str) -> None:
        """Let a person give the commands in `tools` from now on."""
        command = (*self._command(), "run", "--rm", "--no-deps", "--no-TTY", "tools", "sign-in")
        process = await asyncio.create_subprocess_exec(
            *command, cwd=REPOSITORY, env=self._environment(), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        first = (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
        await approve(first.removeprefix("open ").strip(), person, self.tls())
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        assert process.returncode == 0, said.decode()

    def status(self) -> dict[str, dict[str, Any]]:
        """Return the lines of `pipeline status` for each service."""
        return {stage["name"]: stage for stage in json.loads(self.tools("status", "--json"))}

    def address(self, name: str) -> str:
        """Return the base URL under which the host reaches a container."""
        scheme = "http" if name == "grafana" else "https"
        return f"{scheme}://{LOOPBACK}:{self.ports[name]}"

    def authority(self) -> str:
        """Return the certificate of the project's authority, as PEM."""
        return self.run("exec", "-T", "provider", "cat", "/run/keys/ca.pem")

    def tls(self) -> ssl.SSLContext:
        """Return the context of a client that trusts the project's authority."""
        return ssl.create_default_context(cadata=self.authority())
