"""docker-compose.yml and the secrets of its containers, checked without Docker."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_local.container_secrets import write_container_secrets
from pipeline_local.home import REPOSITORY, Home
from tests.support.stack import OURS

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"keys", "provision", "tools"}
HANDED_OUT = {
    "kafka": {"kafka.properties"},
    "postgres": {"password"},
    "provision": {"environment"},
    "intake": {"environment", "bundle.json"},
    "sanitiser": {"environment", "bundle.json", "sanitiser-1.key"},
    "desk": {"environment", "desk-1.key"},
    "triage": {"environment"},
    "transfer": {"environment"},
    "police": {"environment"},
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "stack")


@pytest.fixture
def container_secrets(home: Home, tmp_path: Path) -> Path:
    write_container_secrets(home, tmp_path / "container-secrets")
    return tmp_path / "container-secrets"


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def handed(container_secrets: Path, name: str) -> dict[str, str]:
    words = shlex.split((container_secrets / name / "environment").read_text(encoding="ascii"))
    return dict(word.split("=", 1) for word in words)


def sources(container: dict[str, Any]) -> set[str]:
    return {volume.split(":")[0] for volume in container.get("volumes", [])}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_may_change_nothing_but_its_volumes_and_gain_nothing(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container
    assert container["ulimits"] == {"core": 0}


@pytest.mark.parametrize("name", OURS)
def test_health_and_metrics_are_on_the_operations_network_and_nowhere_else(name: str) -> None:
    container, prefix = CONTAINERS[name], f"{name.upper()}_OPERATIONS"
    host, port = (container["environment"][f"{prefix}_{part}"] for part in ("HOST", "PORT"))
    assert container["networks"]["operations"]["aliases"] == [host]
    assert not [published for published in container.get("ports", []) if published.endswith(f":{port}")]
    (job, _) = yaml.safe_load((REPOSITORY / "deploy/observability/prometheus.yml").read_text())["scrape_configs"]
    assert {"targets": [f"{host}:{port}"], "labels": {"service": name}} in job["static_configs"]


@pytest.mark.parametrize(("name", "network"), [("desk", "desk"), ("triage", "default")])
def test_pages_answer_on_one_network_and_not_on_the_one_for_operations(name: str, network: str) -> None:
    container = CONTAINERS[name]
    named = {at for at, its in container["networks"].items() if f"{name}-pages" in its.get("aliases", [])}
    assert container["environment"][f"{name.upper()}_HOST"] == f"{name}-pages"
    assert named == {network}


def test_the_operations_network_leads_nowhere_and_only_who_watches_is_on_it() -> None:
    assert COMPOSE["networks"]["operations"] == {"internal": True}
    on_it = {name for name, container in CONTAINERS.items() if "operations" in container.get("networks", {})}
    assert on_it == {*OURS, "prometheus", "tools"}


def networks_of(name: str) -> set[str]:
    return set(CONTAINERS[name].get("networks", ["default"]))


def test_the_desk_shares_a_network_with_its_database_and_none_with_the_broker() -> None:
    assert networks_of("desk") & networks_of("postgres") == {"desk"}
    assert {name for name in CONTAINERS if "desk" in networks_of(name)} == {"desk", "postgres"}
    assert not networks_of("desk") & networks_of("kafka")


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_port_is_bound_to_the_loopback_address(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in CONTAINERS[name].get("ports", []))


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_sees_no_secrets_but_its_own(name: str) -> None:
    secret = {source for source in sources(CONTAINERS[name]) if source == "stack" or source.startswith("keys-")}
    if name == "keys":
        assert secret == {"stack", *(f"keys-{other}" for other in HANDED_OUT)}
    else:
        assert secret <= ({"stack"} if name == "tools" else {f"keys-{name}"})


@pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - ONCE))
def test_what_keeps_running_is_started_again_and_says_whether_it_is_well(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    in_the_image = container.get("build", {}).get("target") == "service"
    assert in_the_image or container["healthcheck"]["test"][0] == "CMD"


def test_secrets_do_not_stand_in_the_compose_file() -> None:
    for container in CONTAINERS.values():
        named = {key for key in container.get("environment", {}) if "PASSWORD" in key or "TOKEN" in key}
        assert named <= {"POSTGRES_PASSWORD_FILE"}


def test_each_container_is_handed_its_own_files(container_secrets: Path) -> None:
    assert {
        folder.name: {file.name for file in folder.iterdir()} for folder in container_secrets.iterdir()
    } == HANDED_OUT


def test_no_secret_of_a_process_is_handed_to_another(container_secrets: Path, home: Home) -> None:
    private = {name: {(home.keys / f"{name}-1.key").read_bytes()} for name in ("sanitiser", "desk")}
    secrets = {name: private.get(name, set[bytes]()) for name in OURS}
    for name in OURS:
        own = {key: value.encode() for key, value in handed(container_secrets, name).items() if "TRUST_ROOT" not in key}
        secrets[name] |= {value for key, value in own.items() if "POLICE" not in key}
    for name in OURS:
        seen = b"".join(content(container_secrets / name).values())
        assert not [secret for other in OURS if other != name for secret in secrets[other] if secret in seen]


def test_the_keys_of_source_desk_and_escrow_are_handed_to_nobody(container_secrets: Path, home: Home) -> None:
    handed_out = b"".join(content(container_secrets).values())
    for kept in ("source-desk-1.key", "escrow-1.key", "trust-root.key"):
        assert (home.keys / kept).read_bytes() not in handed_out


def test_handing_out_again_changes_nothing(container_secrets: Path, home: Home) -> None:
    before = content(container_secrets)
    write_container_secrets(home, container_secrets)
    assert content(container_secrets) == before
