"""The local stack as an object: `pipeline up` runs it, and the tests use it.

Every process it starts ends with it. Only one stack at a time runs from a folder: it holds a lock on the file `lock`,
and the kernel releases the lock when the process ends, for any reason.
"""

import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pipeline_admin.installation import Installation
from pipeline_admin.provision import provision
from pipeline_local.certificates import authorities_file, load_certificates
from pipeline_local.home import Home
from pipeline_local.installation import admin_databases, operations_addresses, read_installation, write_installation
from pipeline_local.jars import POSTGRES_LIST, fetch_jars, list_jars
from pipeline_local.kafka import Kafka
from pipeline_local.keys import Keys, load_keys
from pipeline_local.lock import take_lock
from pipeline_local.ports import LOOPBACK, choose_ports
from pipeline_local.postgres import Postgres
from pipeline_local.processes import Processes, Program
from pipeline_local.programs import APPLICATIONS, Machine, program_of, write_secrets
from pipeline_local.waiting import StoppedError, wait_until
from pipeline_settings.processes import PROCESS_OF
from pipeline_settings.table import secrets_of

INFRASTRUCTURE = ("kafka", "postgres")
EVERYTHING = (*APPLICATIONS, *INFRASTRUCTURE)
READY_SECONDS = 90

Notify = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class KafkaCredentials:
    """The credentials of a client of the broker (SCRAM-SHA-512)."""

    bootstrap: str
    username: str
    password: str


def _be_quiet(_name: str, _progress: str) -> None:
    """Report nothing."""


class LocalStack:
    """Kafka, PostgreSQL, the services and the police simulator in one folder."""

    def __init__(self, home: Path, *, fixed_ports: bool = False, notify: Notify = _be_quiet) -> None:
        """Lock the folder; `fixed_ports` prefers the well-known ports. Raises AlreadyRunningError."""
        self.home = Home(home.resolve())
        self.home.create()
        self._lock: int | None = take_lock(self.home)
        self._notify = notify
        self.stopping = threading.Event()  # once it is set, every wait for a process ends
        self.keys: Keys = load_keys(self.home)
        load_certificates(self.home)
        self.ports = choose_ports(preferred=fixed_ports)
        self.processes = Processes()
        self.postgres = Postgres(self.home, self.ports["postgres"], self.keys.postgres["postgres"])
        self.kafka = Kafka(
            home=self.home,
            port=self.ports["kafka"],
            controller_port=self.ports["kafka-controller"],
            admin_password=self.keys.kafka["admin"],
            controller_password=self.keys.controller,
        )
        self.machine = Machine(self.home, self.keys, self.ports)
        write_secrets(self.machine)
        write_installation(self.home, self.machine)
        self.save_state()

    def start_infrastructure(self) -> None:
        """Start Kafka and PostgreSQL concurrently; return when both answer."""
        self._fetch()
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(self._start_kafka), pool.submit(self._start_postgres)]:
                done.result()
        self.save_state()

    def provision(self) -> list[str]:
        """Create topics, users, permissions, roles, databases and schemas; return the applied migrations."""
        self._notify("provision", "topics, roles, schemas")
        applied = provision(
            self.kafka.admin(),
            self.keys.kafka,
            dsn_of=self.postgres.dsn,
            postgres_passwords=self.keys.postgres,
        )
        self._notify("provision", "ready")
        return applied

    def start_services(self, names: Iterable[str] = APPLICATIONS) -> None:
        """Start services and the police simulator; return when all are ready."""
        chosen = list(names)
        for name in chosen:
            self._notify(name, "starting")
            self.processes.start(self.program(name))
        self.save_state()
        for name in chosen:
            self._await(name)

    def program(self, name: str) -> Program:
        """Return the program of a process."""
        return program_of(name, self.machine)

    def restart(self, program: Program) -> None:
        """Start a program again after it has ended."""
        self.processes.start(program)
        self.save_state()

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL, to simulate a crash."""
        self.processes.kill(name)

    def immediate_stop_postgres(self) -> None:
        """Stop PostgreSQL without a checkpoint, so that its next start recovers from the log."""
        self.processes.kill("postgres", signal.SIGQUIT)

    def start(self, name: str) -> None:
        """Start one process again on the same port, without waiting for it."""
        infrastructure = {"kafka": self.kafka.program, "postgres": self.postgres.program}
        self.restart(infrastructure[name]() if name in infrastructure else self.program(name))

    def is_ready(self, name: str) -> bool:
        """Tell whether a process is ready."""
        match name:
            case "kafka":
                return self.kafka.is_ready()
            case "postgres":
                return self.postgres.is_ready()
            case _:
                return _answers(self.operations_address(name) + "/health/ready", self.tls())

    def tls(self) -> ssl.SSLContext:
        """Return the context of a client of this stack: it trusts the stack's authorities and no others."""
        return ssl.create_default_context(cafile=authorities_file(self.home))

    def address(self, name: str) -> str:
        """Return the host and port of Kafka or PostgreSQL, or the base URL of another process."""
        place = f"{LOOPBACK}:{self.ports[name]}"
        return place if name in INFRASTRUCTURE else f"https://{place}"

    def operations_address(self, name: str) -> str:
        """Return the base URL of a process's health and metrics."""
        return f"https://{LOOPBACK}:{self.ports[PROCESS_OF[name].operations_name]}"

    def admin_dsn(self, database: str) -> str:
        """Return the administrator's connection URL of a database."""
        return self.postgres.dsn(database)

    def admin_databases(self) -> dict[str, str]:
        """Return the administrator's connection URL of each service's database."""
        return admin_databases(self.machine)

    def app_dsn(self, name: str) -> str:
        """Return the connection URL of a process's own role."""
        return secrets_of(name, self.machine)["database_url"]

    def kafka_credentials(self, principal: str) -> KafkaCredentials:
        """Return the broker credentials of a principal (`admin` or a service)."""
        return KafkaCredentials(self.kafka.address, principal, self.keys.kafka[principal])

    def installation(self) -> Installation:
        """Return the stack as an installation for the operator's commands."""
        return read_installation(self.home)

    def save_state(self, *, ready: bool = False) -> None:
        """Write the running processes and addresses to the state file."""
        self.home.write_state(
            {
                "supervisor": os.getpid(),
                "ready": ready,
                "pids": self.processes.pids(),
                "addresses": {name: self.address(name) for name in EVERYTHING if name in self.ports},
                "operations": operations_addresses(self.machine),
                "folders": {
                    "data": str(self.home.data),
                    "postgres_data": str(self.postgres.folder),
                    "logs": str(self.home.logs),
                    "keys": str(self.home.keys),
                    "authorities": str(authorities_file(self.home)),
                },
                "admin": {
                    "kafka": asdict(self.kafka_credentials("admin")),
                    "databases": self.admin_databases(),
                },
            }
        )

    def stop(self, *, forget: bool = False) -> None:
        """Stop the services, then Kafka and PostgreSQL; release the folder, or delete it with `forget`."""
        self.stopping.set()
        if self._lock is None:
            return
        self.processes.stop(APPLICATIONS)
        self.processes.stop(INFRASTRUCTURE)
        self.processes.close()
        self.home.state_file.unlink(missing_ok=True)
        if forget:
            self.home.remove()
        os.close(self._lock)
        self._lock = None

    def _fetch(self) -> None:
        """Fetch everything before anything starts: a download changes for all threads whom Python trusts."""
        brokers, (database,) = list_jars(), list_jars(POSTGRES_LIST)
        checked = self.home.data / "jars-checked.json"
        self._postgres_jar, *self._jars = fetch_jars(checked, self._jar_progress, (database, *brokers))

    def _start_kafka(self) -> None:
        self._notify("kafka", "starting")
        self.kafka.prepare(self._jars)
        self.processes.start(self.kafka.program())
        self._await("kafka")

    def _start_postgres(self) -> None:
        self._notify("postgres", "starting")
        self.postgres.prepare(self._postgres_jar)
        self.processes.start(self.postgres.program())
        self._await("postgres")

    def _await(self, name: str) -> None:
        wait_until(lambda: self.is_ready(name), name, seconds=READY_SECONDS, stopping=self.stopping)
        self._notify(name, "ready")

    def _jar_progress(self, done: int, total: int) -> None:
        if self.stopping.is_set():
            raise StoppedError
        self._notify("kafka", f"jars {done}/{total}")


def _answers(url: str, tls: ssl.SSLContext) -> bool:
    try:
        with urlopen(url, timeout=3, context=tls) as answer:  # noqa: S310 - our own loopback address
            return answer.status == 200  # noqa: PLR2004
    except (URLError, OSError):
        return False
