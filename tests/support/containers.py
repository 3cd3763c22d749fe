"""Kafka and PostgreSQL in containers of the official images, as docker-compose.yml describes them.

To a test it is the same stack: the services are ordinary processes, and killing, stopping or starting `kafka` and
`postgres` acts on their containers. Data and logs are in the folder of the stack, where tests expect them.
"""

import os
import re
import shlex
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from pipeline_local.container_secrets import OWNER_OF, hand_out, of_other_images
from pipeline_local.home import REPOSITORY
from pipeline_local.ports import LOOPBACK
from pipeline_local.postgres import Postgres
from pipeline_local.processes import Processes, Program
from pipeline_local.stack import INFRASTRUCTURE, LocalStack

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
IMAGE = re.compile(r"\$\{(\w+):-([^}]*)\}")
LOGS = "/var/log/pipeline"
SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class ContainerPostgres(Postgres):
    """A server in a container, with its data in the folder of the stack."""

    @property
    def folder(self) -> Path:
        """The data folder, in the place that the image gives it below its volume."""
        return self.home.data / "postgres" / "18" / "docker"


class ContainerStack(LocalStack):
    """The stack with Kafka and PostgreSQL in containers."""

    def __init__(self, home: Path) -> None:
        """Take the folder and free ports; nothing runs yet."""
        super().__init__(home)
        self.postgres = ContainerPostgres(self.home, self.ports["postgres"], self.keys.postgres["postgres"])
        self._secrets = self.home.keys / "containers"
        containers = {"kafka": self._kafka_container(), "postgres": self._postgres_container()}
        self.processes = ContainerProcesses(containers)
        self.save_state()

    def start(self, name: str) -> None:
        """Start one process or container again, on the same port, without waiting for it."""
        if name in INFRASTRUCTURE:
            self.restart(self._placeholder(name))
        else:
            super().start(name)

    def _fetch(self) -> None:
        """Fetch nothing: the images hold everything."""

    def _start_kafka(self) -> None:
        self._start_container("kafka")

    def _start_postgres(self) -> None:
        self._start_container("postgres")

    def _start_container(self, name: str) -> None:
        self._notify(name, "starting")
        self.processes.start(self._placeholder(name))
        self._await(name)

    def _placeholder(self, name: str) -> Program:
        """Return the program that a supervisor uses to start the container again."""
        return Program(name, (), self.home.logs / f"{name}.log")

    def _kafka_container(self) -> DockerContainer:
        container = (
            _as_composed("kafka")
            .with_env("ADVERTISED", self.kafka.address)
            .with_volume_mapping(self._hand_over("kafka", os.getuid()), "/run/keys")
            .with_volume_mapping(self._data("kafka"), "/var/lib/kafka/data", "rw")
            .with_kwargs(user=f"{os.getuid()}:{os.getgid()}")  # so that the test owns its files
        )
        return self._finished(container, "kafka", COMPOSE["kafka"]["command"], 9092)

    def _postgres_container(self) -> DockerContainer:
        container = (
            _as_composed("postgres")
            .with_volume_mapping(self._hand_over("postgres", os.getuid() or OWNER_OF["postgres"]), "/run/keys")
            .with_volume_mapping(self._data("postgres"), "/var/lib/postgresql", "rw")
        )
        if os.getuid():  # the image is meant to start as root; it then gives up the rights of root
            container.with_volume_mapping("/etc/passwd", "/etc/passwd").with_kwargs(user=f"{os.getuid()}:{os.getgid()}")
        return self._finished(container, "postgres", ["docker-entrypoint.sh", *COMPOSE["postgres"]["command"]], 5432)

    def _finished(self, container: DockerContainer, name: str, command: list[str], port: int) -> DockerContainer:
        """Add the parts that both need: the log in the folder of the stack, the port on the loopback address."""
        # the annotation allows only a port; the client of Docker also accepts an address
        container.ports[str(port)] = cast("int", (LOOPBACK, self.ports[name]))
        container.with_volume_mapping(self.home.logs, LOGS, "rw")
        return container.with_command(["bash", "-c", f"exec {shlex.join(command)} >> {LOGS}/{name}.log 2>&1"])

    def _hand_over(self, name: str, owner: int) -> Path:
        """Write the secrets for one container, for the account that runs there."""
        self._secrets.mkdir(exist_ok=True)
        hand_out(self._secrets / name, of_other_images(self.home, self.keys)[name], owner)
        return self._secrets / name

    def _data(self, name: str) -> Path:
        folder = self.home.data / name
        folder.mkdir(exist_ok=True)
        return folder


def _chosen(variable: re.Match[str]) -> str:
    return os.environ.get(variable[1]) or variable[2]


def _as_composed(name: str) -> DockerContainer:
    """Return a container with the image, environment and settings files from docker-compose.yml."""
    composed = COMPOSE[name]
    container = DockerContainer(IMAGE.sub(_chosen, composed["image"])).with_envs(**composed["environment"])
    for source, target, _ in (volume.split(":") for volume in composed["volumes"] if volume.startswith("./")):
        container.with_volume_mapping(REPOSITORY / source, target)
    return container


class ContainerProcesses(Processes):
    """Processes, some of them containers. The pid of a container is that of its first process on the host."""

    def __init__(self, containers: Mapping[str, DockerContainer]) -> None:
        """Take the containers by name; they are created when they are first started."""
        super().__init__()
        testcontainers_config.ryuk_disabled = True  # `close` removes them; a reaper would need one more image
        self._containers = dict(containers)
        self._started: dict[str, Program] = {}

    def start(self, program: Program) -> int:
        """Start a program or a container unless it runs; return its pid."""
        if program.name not in self._containers:
            return super().start(program)
        if program.name not in self._started:
            self._containers[program.name].start()
            self._started[program.name] = program
        else:
            self._container(program.name).start()
        return self.pid(program.name) or 0

    def pid(self, name: str) -> int | None:
        """Return the pid of the running program or container with this name."""
        if name not in self._containers:
            return super().pid(name)
        state = self._state(name)
        return int(state["Pid"]) if state.get("Running") else None

    def pids(self) -> dict[str, int]:
        """Return the pids of everything that runs."""
        containers = {name: pid for name in self._started if (pid := self.pid(name)) is not None}
        return {**super().pids(), **containers}

    def exited(self) -> list[tuple[Program, int]]:
        """Return the programs and containers that ended without being stopped, with their exit statuses."""
        states = [(program, self._state(name)) for name, program in self._started.items()]
        ended = [(program, int(state["ExitCode"])) for program, state in states if not state["Running"]]
        containers = [(program, SIGNALLED - code if code > SIGNALLED else code) for program, code in ended]
        return super().exited() + containers

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a process or to the first process of a container, if it runs."""
        if name not in self._containers:
            super().kill(name, how)
        elif self.pid(name) is not None:
            self._container(name).kill(signal=how.name)

    def stop(self, names: Iterable[str]) -> None:
        """End processes and containers and wait for each."""
        chosen = list(names)
        super().stop(chosen)
        for name in chosen:
            if self._started.pop(name, None):
                self._container(name).stop(timeout=20)

    def close(self) -> None:
        """End everything and remove the containers."""
        self.stop(self._containers)
        super().close()
        for container in self._containers.values():
            container.stop()

    def _container(self, name: str) -> Container:
        return self._containers[name].get_wrapped_container()

    def _state(self, name: str) -> dict[str, Any]:
        """Return Docker's state of a container; empty before its first start."""
        if name not in self._started:
            return {}
        container = self._container(name)
        container.reload()
        return container.attrs["State"]
