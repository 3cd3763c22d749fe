"""Container secrets: writes one folder for each container of docker-compose.yml, with its own secrets only.

Every folder is a volume of its own, so that no process ever sees another's key; each file belongs to the account of its
container, and only this account can read it. Running it again hands out the same: keys are made once. What is no secret
stands in docker-compose.yml.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline_local.certificates import authorities_file, certificate_file, load_certificates
from pipeline_local.home import REPOSITORY, Home, find_home, write_atomically
from pipeline_local.installation import admin_databases, operations_addresses, write_installation
from pipeline_local.keys import Keys, load_keys
from pipeline_settings.paths import ContainerPaths
from pipeline_settings.processes import PAGES, PROCESSES
from pipeline_settings.sources import AUTHORITIES, Deployment, Installed
from pipeline_settings.table import SETTINGS_OF, key_files_of, secrets_of

PORT_OF = {each.name: each.port for each in PROCESSES if each.port} | {
    each.operations_name: each.operations_port for each in PROCESSES if each.operations_port
}
OURS = 10001  # the account of our images (deploy/Dockerfile)
# The accounts of the official images.
OWNER_OF = {"kafka": 1000, "postgres": 999, "provider": 1000, "prometheus": 65534, "grafana": 472}
REALM = REPOSITORY / "deploy" / "keycloak" / "realm.json"
ADDRESS_OF = {"kafka": "kafka:9092", "postgres": "postgres:5432"}


@dataclass(frozen=True, slots=True)
class Containers:
    """The containers of docker-compose.yml: each has its name as host name, and one folder for its keys."""

    keys: Keys
    paths: ContainerPaths = field(default_factory=ContainerPaths)
    ports: Mapping[str, str] = field(default_factory=dict[str, str])  # as published, by variable; else as Compose reads

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
        variable = f"{name.upper()}_PORT"
        return f"127.0.0.1:{self.ports.get(variable) or f'${{{variable}:-{PORT_OF[name]}}}'}"

    def installed(self, source: Installed) -> str:
        """Refuse: the table has such values for production only."""
        raise LookupError(source)

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret of the stack."""
        return self.keys.secret(kind, owner)


def write_container_secrets(home: Home, target: Path) -> None:
    """Make the stack's keys and certificates once, and write each container's secrets below `target`."""
    home.create()
    keys = load_keys(home)
    load_certificates(home)
    place = Containers(keys)
    for name in SETTINGS_OF.keys() - OWNER_OF.keys():
        files = {file: (home.keys / file).read_text(encoding="ascii") for file in key_files_of(name, place.deployment)}
        hand_out(target / name, {**secrets_of(name, place), **files})
    for name, files in of_other_images(home, keys).items():
        hand_out(target / name, files, OWNER_OF[name])
    # the operator's commands find the authorities in the stack's own folder
    tools = Containers(keys, ContainerPaths(str(home.keys)), os.environ)
    write_installation(home, tools)
    home.write_state(_state(home, tools))
    _give(home.root, home.root.stat().st_uid)


def of_other_images(home: Home, keys: Keys) -> dict[str, dict[str, str]]:
    """Return the files of the containers that are not ours."""
    trusted = {AUTHORITIES: authorities_file(home).read_text(encoding="ascii")}
    own = {name: {"tls.pem": certificate_file(home, name).read_text(encoding="ascii")} for name in OWNER_OF}
    return {
        "kafka": {"admin": keys.kafka["admin"], "controller": keys.controller, **own["kafka"], **trusted},
        "postgres": {"password": keys.postgres["postgres"], **own["postgres"]},
        "provider": {"realm.json": realm_with(keys.oidc_client), **own["provider"], **trusted},
        "prometheus": {**own["prometheus"], **trusted},
        "grafana": trusted,
    }


def realm_with(client_secrets: Mapping[str, str]) -> str:
    """Return Keycloak's realm with the secrets of its clients."""
    realm = json.loads(REALM.read_text(encoding="ascii"))
    for client in realm["clients"]:
        if not client["publicClient"]:
            client["secret"] = client_secrets[client["clientId"]]
    return json.dumps(realm)


def _state(home: Home, place: Containers) -> dict[str, object]:
    """Return the state file for the `pipeline` command in a container, where no supervisor of ours runs."""
    pages = {process.name: f"https://{place.address(process.name)}" for process in PROCESSES if process.port}
    admin = {"bootstrap": place.address("kafka"), "username": "admin", "password": place.secret("kafka", "admin")}
    return {
        "supervisor": None,
        "ready": True,
        "pids": {},
        "addresses": {**pages, **ADDRESS_OF},
        "operations": operations_addresses(place),
        "folders": {"keys": str(home.keys), "authorities": str(authorities_file(home))},
        "admin": {"kafka": admin, "databases": admin_databases(place)},
    }


def hand_out(folder: Path, files: Mapping[str, str], owner: int = OURS) -> None:
    """Write the files of one container, for the account that its image runs as and nobody else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, content.encode("ascii"))
    _give(folder, owner)


def _give(folder: Path, owner: int) -> None:
    """Give a folder to an account, where root does this: in the container `keys`."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner)


if __name__ == "__main__":
    write_container_secrets(find_home(), Path(sys.argv[1]))
