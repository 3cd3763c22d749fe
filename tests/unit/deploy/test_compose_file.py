"""docker-compose.yml and the secrets of its containers, checked without Docker."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_local.container_secrets import OURS as OURS_IN_CONTAINERS
from pipeline_local.container_secrets import OWNER_OF, write_container_secrets
from pipeline_local.home import REPOSITORY, Home
from tests.support.stack import OURS

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"keys", "provision", "tools"}
OF_A_SERVICE = {"database_url", "kafka_password", "parking_key", "ca.pem", "bundle.json", "trust_root"}
HANDED_OUT = {
    "kafka": {"admin", "controller", "tls.pem", "ca.pem"},
    "postgres": {"password", "tls.pem"},
    "prometheus": {"tls.pem", "ca.pem"},
    "grafana": {"ca.pem"},
    "provision": {"kafka_password", "kafka_passwords", "postgres_url", "postgres_passwords", "ca.pem"},
    "intake": {*OF_A_SERVICE, "hmac_key", "events-intake-1.key", "tls/intake.pem"},
    "sanitiser": {*OF_A_SERVICE, "events-sanitiser-1.key", "sanitiser-1.key", "tls/sanitiser.pem"},
    "desk": {
        *("database_url", "session_key", "oidc_client_secret", "ca.pem", "bundle.json", "trust_root"),
        *("events-desk-1.key", "desk-1.key", "tls/desk.pem"),
    },
    "triage": {*OF_A_SERVICE, "session_key", "oidc_client_secret", "events-triage-1.key", "tls/triage.pem"},
    "transfer": {*OF_A_SERVICE, "police_token", "events-transfer-1.key", "tls/transfer.pem", "tls/transfer-client.pem"},
    "police": {"token", "tls/police.pem"},
    "provider": {"realm.json", "tls.pem", "ca.pem"},
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


def test_the_desk_shares_a_network_with_its_database_and_the_provider_and_none_with_the_broker() -> None:
    assert networks_of("desk") & networks_of("postgres") == {"desk"}
    assert {name for name in CONTAINERS if "desk" in networks_of(name)} == {"desk", "postgres", "provider"}
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
        given = container.get("environment", {})
        named = {key for key in given if any(word in key for word in ("PASSWORD", "TOKEN", "_KEY", "DATABASE_URL"))}
        assert all(str(given[key]).startswith("/run/keys/") for key in named)


def test_each_container_is_handed_its_own_files(container_secrets: Path) -> None:
    assert {folder.name: set(content(folder)) for folder in container_secrets.iterdir()} == HANDED_OUT


def test_only_the_account_of_a_container_can_read_what_it_is_handed(container_secrets: Path) -> None:
    for name in HANDED_OUT:
        for path in (container_secrets / name).rglob("*"):
            facts = path.stat()
            assert path.is_dir() or facts.st_mode & 0o077 == 0
            assert os.getuid() or facts.st_uid == OWNER_OF.get(name, OURS_IN_CONTAINERS)


def test_no_secret_of_a_process_is_handed_to_another(container_secrets: Path) -> None:
    shared = {"ca.pem", "bundle.json", "trust_root", "police_token"}
    secrets = {
        name: {value for file, value in content(container_secrets / name).items() if file not in shared}
        for name in OURS
    }
    for name in OURS:
        seen = b"".join(content(container_secrets / name).values())
        assert not [secret for other in OURS if other != name for secret in secrets[other] if secret in seen]


def test_the_keys_of_source_desk_and_escrow_are_handed_to_nobody(container_secrets: Path, home: Home) -> None:
    handed_out = b"".join(content(container_secrets).values())
    for kept in ("source-desk-1.key", "escrow-1.key", "trust-root.key", "ca.key"):
        assert (home.keys / kept).read_bytes() not in handed_out


def test_handing_out_again_changes_nothing(container_secrets: Path, home: Home) -> None:
    before = content(container_secrets)
    write_container_secrets(home, container_secrets)
    assert content(container_secrets) == before


def test_keycloaks_people_have_no_power_over_the_realm_and_no_client_takes_a_password() -> None:
    realm = json.loads((REPOSITORY / "deploy/keycloak/realm.json").read_text(encoding="ascii"))
    powers = {user["username"]: user["clientRoles"] for user in realm["users"] if user.get("clientRoles")}
    assert powers == {"provider-1": {"realm-management": ["manage-users"]}}
    assert not [user for user in realm["users"] if user.get("realmRoles")]
    assert {client["directAccessGrantsEnabled"] for client in realm["clients"]} == {False}
