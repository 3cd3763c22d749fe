"""What each container of docker-compose.yml is given before it starts: a folder with its own secrets and no other's.

Every folder is a volume of its own, so that triage and transfer never see the sanitiser's key. Running it again hands
out the same: keys are made once. What is no secret stands in docker-compose.yml.
"""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline_local.home import Home, find_home
from pipeline_local.keys import Keys, load_keys
from pipeline_settings.processes import DATABASE_OF, PROCESSES, SERVICE_PROCESSES, Process
from pipeline_shared.messaging.topics import SERVICES

POSTGRES, KAFKA = "postgres:5432", "kafka:9092"
FILES = {"intake": ("bundle.json",), "sanitiser": ("bundle.json", "sanitiser-1.key")}


def write_container_secrets(home: Home, target: Path) -> None:
    """Make the stack's keys, once, and write each container's share of them below `target`."""
    home.create()
    keys = load_keys(home)
    for name, secrets in _environments(keys).items():
        lines = (f"{key}={shlex.quote(value)}\n" for key, value in secrets.items())
        _write(target / name / "environment", "".join(lines))
        for file in FILES.get(name, ()):
            _write(target / name / file, (home.keys / file).read_text(encoding="ascii"))
    passwords = f"admin={keys.kafka['admin']}\ncontroller={keys.controller}\n"
    _write(target / "kafka" / "kafka.properties", passwords)
    _write(target / "postgres" / "password", keys.postgres["postgres"])
    home.write_state(_state(home, keys))


def _environments(keys: Keys) -> dict[str, dict[str, str]]:
    services = {process.name: _prefixed(process.name, _service(process, keys)) for process in SERVICE_PROCESSES}
    police = _prefixed("police", {"token": keys.police_token})
    return {**services, "police": police, "provision": _prefixed("provision", _provision(keys))}


def _service(process: Process, keys: Keys) -> dict[str, str]:
    database, role = DATABASE_OF[process.service or ""], process.database_role or ""
    every = {"database_url": _dsn(database, role, keys.postgres[process.name])}
    if process.kafka_user:
        every |= {"kafka_password": keys.kafka[process.kafka_user], "parking_key": keys.parking[process.name]}
    match process.name:
        case "intake":
            return {**every, "trust_root": keys.trust_root, "hmac_key": keys.intake_hmac}
        case "sanitiser":
            return {**every, "trust_root": keys.trust_root}
        case "transfer":
            return {**every, "police_token": keys.police_token}
        case _:
            return every


def _provision(keys: Keys) -> dict[str, str]:
    return {
        "kafka_password": keys.kafka["admin"],
        "kafka_passwords": json.dumps({name: keys.kafka[name] for name in SERVICES}),
        "postgres_url": _admin_dsn(keys, "postgres"),
        "postgres_passwords": json.dumps({each.name: keys.postgres[each.name] for each in SERVICE_PROCESSES}),
    }


def _state(home: Home, keys: Keys) -> dict[str, object]:
    """Return what the `pipeline` command in a container needs to find the others; no supervisor of ours runs them."""
    pages = {process.name: f"http://{process.name}:{process.port}" for process in PROCESSES}
    admin = {"bootstrap": KAFKA, "username": "admin", "password": keys.kafka["admin"]}
    databases = {service: _admin_dsn(keys, database) for service, database in DATABASE_OF.items()}
    operations = {each.name: f"http://{each.operations_name}:{each.operations_port}" for each in SERVICE_PROCESSES}
    return {
        "supervisor": None,
        "ready": True,
        "pids": {},
        "addresses": {**pages, "kafka": KAFKA, "postgres": POSTGRES},
        "operations": operations,
        "folders": {"keys": str(home.keys)},
        "admin": {"kafka": admin, "databases": databases},
    }


def _admin_dsn(keys: Keys, database: str) -> str:
    return _dsn(database, "postgres", keys.postgres["postgres"])


def _dsn(database: str, role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@{POSTGRES}/{database}"


def _prefixed(name: str, secrets: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}_{key}".upper(): value for key, value in secrets.items()}


def _write(path: Path, content: str) -> None:
    """Write a file that every account in its container can read: images run as accounts of their own choice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(content, encoding="ascii")
    draft.chmod(0o444)
    draft.replace(path)


if __name__ == "__main__":
    write_container_secrets(find_home(), Path(sys.argv[1]))
