"""Container secrets: writes one folder for each container of docker-compose.yml, with its own secrets only.

Every folder is a volume of its own, so that no process ever sees another's key. Running it again hands
out the same: keys are made once. What is no secret stands in docker-compose.yml.
"""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.home import Home, find_home
from pipeline_local.installation import admin_databases, operations_addresses, write_installation
from pipeline_local.keys import Keys, load_keys
from pipeline_settings.processes import PAGES, PROCESSES
from pipeline_settings.sources import Deployment
from pipeline_settings.table import SETTINGS_OF, environment_of, key_files_of

PORT_OF = {each.name: each.port for each in PROCESSES if each.port} | {
    each.operations_name: each.operations_port for each in PROCESSES if each.operations_port
}
ADDRESS_OF = {"kafka": "kafka:9092", "postgres": "postgres:5432"}


@dataclass(frozen=True, slots=True)
class Containers:
    """The containers of docker-compose.yml: each has its name as host name, and one folder for its keys."""

    keys: Keys

    @property
    def deployment(self) -> Deployment:
        """Return the kind of deployment."""
        return Deployment.CONTAINERS

    def port(self, name: str) -> int:
        """Return the port that a process listens on in its container."""
        return PORT_OF[name]

    def address(self, name: str) -> str:
        """Return the host and port of a process for other containers."""
        host = f"{name}-pages" if name in PAGES else name  # pages answer on one network only
        return ADDRESS_OF.get(name) or f"{host}:{PORT_OF[name]}"

    def public(self, name: str) -> str:
        """Return the host and port of a process for browsers on this machine, as docker-compose.yml publishes it."""
        return f"127.0.0.1:${{{name.upper()}_PORT:-{PORT_OF[name]}}}"

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret of the stack."""
        return self.keys.secret(kind, owner)

    def key_file(self, name: str) -> str:
        """Return the path of a key file in the container."""
        return f"/run/keys/{name}"

    def folder(self, name: str) -> str:
        """Return the mount path of a container's permanent volume."""
        return f"/var/lib/{name}"


def write_container_secrets(home: Home, target: Path) -> None:
    """Make the stack's keys once, and write each container's secrets below `target`."""
    home.create()
    keys = load_keys(home)
    place = Containers(keys)
    for name in SETTINGS_OF:
        secrets = environment_of(name, place, secret=True)
        lines = (f"{key}={shlex.quote(value)}\n" for key, value in secrets.items())
        _write(target / name / "environment", "".join(lines))
        for file in key_files_of(name, Deployment.CONTAINERS):
            _write(target / name / file, (home.keys / file).read_text(encoding="ascii"))
    passwords = f"admin={keys.kafka['admin']}\ncontroller={keys.controller}\n"
    _write(target / "kafka" / "kafka.properties", passwords)
    _write(target / "postgres" / "password", keys.postgres["postgres"])
    write_installation(home, place)
    home.write_state(_state(home, place))


def _state(home: Home, place: Containers) -> dict[str, object]:
    """Return the state file for the `pipeline` command in a container, where no supervisor of ours runs."""
    pages = {process.name: f"http://{place.address(process.name)}" for process in PROCESSES if process.port}
    admin = {"bootstrap": place.address("kafka"), "username": "admin", "password": place.secret("kafka", "admin")}
    return {
        "supervisor": None,
        "ready": True,
        "pids": {},
        "addresses": {**pages, **ADDRESS_OF},
        "operations": operations_addresses(place),
        "folders": {"keys": str(home.keys)},
        "admin": {"kafka": admin, "databases": admin_databases(place)},
    }


def _write(path: Path, content: str) -> None:
    """Write a file that every account in its container can read, because each image runs as its own account."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(content, encoding="ascii")
    draft.chmod(0o444)
    draft.replace(path)


if __name__ == "__main__":
    write_container_secrets(find_home(), Path(sys.argv[1]))
