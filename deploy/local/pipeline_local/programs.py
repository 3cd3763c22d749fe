"""How each service is run locally: its command, and its settings as environment variables, never as arguments."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline_admin.provision_postgres import DATABASE_OF
from pipeline_local.home import Home
from pipeline_local.keys import Keys
from pipeline_local.ports import LOOPBACK, operations_of
from pipeline_local.postgres import Postgres
from pipeline_local.processes import Program
from pipeline_shared.messaging.topics import SERVICES

POLICE = "police"
APPLICATIONS = (*SERVICES, POLICE)
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR")
STOP_SECONDS = 20


class Programs:
    """Makes the programs of one stack from its addresses and keys."""

    def __init__(self, home: Home, keys: Keys, *, ports: Mapping[str, int], postgres: Postgres) -> None:
        self._home, self._keys, self._ports, self._postgres = home, keys, ports, postgres

    def app_dsn(self, service: str) -> str:
        """Return the URL by which a service reaches its own database."""
        return self._postgres.dsn(DATABASE_OF[service], f"{service}_app", self._keys.postgres[service])

    def program(self, name: str) -> Program:
        """Return how a service or the police simulator is run."""
        module = "pipeline_simulators.police" if name == POLICE else f"{name}_service.main"
        own = self._police() if name == POLICE else self._service(name)
        prefixed = {f"{name.upper()}_{key}": value for key, value in own.items()}
        inherited = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        return Program(
            name=name,
            command=(sys.executable, "-m", module),
            log=self._home.logs / f"{name}.log",
            environment={**inherited, "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "random", **prefixed},
            stop_seconds=STOP_SECONDS,
        )

    def _service(self, name: str) -> dict[str, str]:
        return {
            "ENVIRONMENT": "local",
            "HOST": LOOPBACK,
            "PORT": str(self._ports[name]),
            "OPERATIONS_PORT": str(self._ports[operations_of(name)]),
            "DATABASE_URL": self.app_dsn(name),
            "KAFKA_BOOTSTRAP": f"{LOOPBACK}:{self._ports['kafka']}",
            "KAFKA_USERNAME": name,
            "KAFKA_PASSWORD": self._keys.kafka[name],
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "PARKING_KEY": self._keys.parking[name],
            **self._particulars(name),
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
