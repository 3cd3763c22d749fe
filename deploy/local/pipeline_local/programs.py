"""How each service is run locally: its command, and its settings as environment variables, never as arguments."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline_local.home import Home
from pipeline_local.keys import Keys
from pipeline_local.ports import LOOPBACK
from pipeline_local.postgres import Postgres
from pipeline_local.processes import Program
from pipeline_settings.processes import DATABASE_OF, PROCESS_OF, PROCESSES, Process

POLICE = "police"
APPLICATIONS = tuple(process.name for process in PROCESSES)
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR")
STOP_SECONDS = 20


class Programs:
    """Makes the programs of one stack from its addresses and keys."""

    def __init__(self, home: Home, keys: Keys, *, ports: Mapping[str, int], postgres: Postgres) -> None:
        self._home, self._keys, self._ports, self._postgres = home, keys, ports, postgres

    def app_dsn(self, name: str) -> str:
        """Return the URL by which a process reaches its service's database. Raises KeyError where it has none."""
        process = PROCESS_OF[name]
        database, role = DATABASE_OF[process.service or ""], process.database_role or ""
        return self._postgres.dsn(database, role, self._keys.postgres[name])

    def program(self, name: str) -> Program:
        """Return how a process is run."""
        process = PROCESS_OF[name]
        own = self._service(process) if process.service else self._police()
        prefixed = {f"{process.prefix}{key}": value for key, value in own.items()}
        inherited = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        return Program(
            name=name,
            command=(sys.executable, "-m", process.module),
            log=self._home.logs / f"{name}.log",
            environment={**inherited, "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "random", **prefixed},
            stop_seconds=STOP_SECONDS,
        )

    def _service(self, process: Process) -> dict[str, str]:
        return {
            "ENVIRONMENT": "local",
            "HOST": LOOPBACK,
            "PORT": str(self._ports[process.name]),
            "OPERATIONS_PORT": str(self._ports[process.operations_name]),
            "DATABASE_URL": self.app_dsn(process.name),
            **(self._kafka(process.name, process.kafka_user) if process.kafka_user else {}),
            **self._particulars(process.name),
        }

    def _kafka(self, name: str, user: str) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP": f"{LOOPBACK}:{self._ports['kafka']}",
            "KAFKA_USERNAME": user,
            "KAFKA_PASSWORD": self._keys.kafka[user],
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "PARKING_KEY": self._keys.parking[name],
        }

    def _particulars(self, name: str) -> dict[str, str]:
        bundle = {"KEY_BUNDLE": self._key_file("bundle.json"), "TRUST_ROOT": self._keys.trust_root}
        match name:
            case "intake":
                return {**bundle, "HMAC_KEY": self._keys.intake_hmac}
            case "sanitiser":
                return {**bundle, "PRIVATE_KEYS": self._key_file("sanitiser-1.key")}
            case "transfer":
                url = f"http://{LOOPBACK}:{self._ports[POLICE]}"
                return {"POLICE_URL": url, "POLICE_TOKEN": self._keys.police_token}
            case _:
                return {}

    def _police(self) -> dict[str, str]:
        store, port = self._home.data / POLICE, str(self._ports[POLICE])
        store.mkdir(exist_ok=True)
        return {"HOST": LOOPBACK, "PORT": port, "TOKEN": self._keys.police_token, "STORE": str(store)}

    def _key_file(self, name: str) -> str:
        return str(Path(self._home.keys / name))
