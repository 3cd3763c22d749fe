"""What a process refuses to start with, one wrong setting at a time, and all of them in one list (attack 82)."""

import base64
import stat
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from intake_service.settings import Settings as Intake
from pipeline_admin.provision import OWNERS_OF, ProvisionSettings
from pipeline_shared.runtime.secret_files import SecretFile
from pipeline_shared.runtime.start_checks import Surroundings, refusals
from pipeline_simulators.police.settings import PoliceSettings
from sanitiser_service.desk.settings import Settings as Desk
from sanitiser_service.worker.settings import Settings as Sanitiser
from transfer_service.settings import Settings as Transfer
from triage_service.settings import Settings as Triage

SECRET = "zq-secret"
KEY = base64.b64encode(b"zq" * 16).decode()
VERIFIED = f"postgresql://role:{SECRET}@db.force.example/intake?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
RIGHT: dict[str, Any] = {
    "environment": "production",
    "port": 8101,
    "operations_port": 8111,
    "certificate_file": Path("/etc/pipeline/tls.pem"),
    "database_url": SecretStr(VERIFIED),
    "postgres_url": SecretStr(VERIFIED),
    "postgres_passwords": dict.fromkeys(OWNERS_OF["postgres_passwords"], SecretStr(SECRET)),
    "kafka_bootstrap": "kafka.force.example:9092",
    "kafka_username": "intake",
    "kafka_password": SecretStr(SECRET),
    "kafka_passwords": dict.fromkeys(OWNERS_OF["kafka_passwords"], SecretStr(SECRET)),
    "parking_key": SecretStr(KEY),
    "signing_key": Path("/etc/pipeline/events.key"),
    "key_bundle": Path("/etc/pipeline/bundle.json"),
    "trust_root": KEY,
    "hmac_key": SecretStr(KEY),
    "private_keys": (Path("/etc/pipeline/one.key"),),
    "police_url": "https://records.force.example",
    "police_token": SecretStr(SECRET),
    "token": SecretStr(SECRET),
    "public_url": "https://triage.force.example",
    "session_key": SecretStr(base64.b64encode(bytes(32)).decode()),
    "oidc_issuer": "https://sign-in.force.example",
    "oidc_client_id": "triage",
    "oidc_client_secret": SecretStr(SECRET),
    "store": Path("/var/lib/police"),
}
NOTHING_ELSE = Surroundings()
SERVICES = (Intake, Sanitiser, Desk, Triage, Transfer)
REACHED = (Intake, Desk, Triage)
ON_KAFKA = (Intake, Sanitiser, Triage, Transfer, ProvisionSettings)


def made(kind: type[BaseSettings], **changes: Any) -> BaseSettings:
    """Return settings as a force would have them, with changes."""
    values = {name: RIGHT[name] for name in kind.model_fields if name in RIGHT} | changes
    return kind(**values)


def found(kind: type[BaseSettings], around: Surroundings = NOTHING_ELSE, /, **changes: Any) -> list[str]:
    return refusals(made(kind, **changes), around)


def listening(setting: str, host: str) -> dict[str, Any]:
    return {"environment": "local", setting: host}


def named(kind: type[BaseSettings], setting: str) -> str:
    return f"{kind.model_config.get('env_prefix', '')}{setting}".upper()


@pytest.mark.parametrize("kind", [*SERVICES, ProvisionSettings])
def test_attack_82_production_starts_when_every_wire_is_verified(kind: type[BaseSettings]) -> None:
    assert found(kind) == []


@pytest.mark.parametrize("kind", ON_KAFKA)
def test_attack_82_production_refuses_a_broker_in_clear_text(kind: type[BaseSettings]) -> None:
    (why,) = found(kind, kafka_security_protocol="SASL_PLAINTEXT")
    assert why == f"{named(kind, 'kafka_security_protocol')}: clear text: SASL_SSL is needed"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "sslmode=verify-full"),
        *((f"?sslmode={mode}&sslrootcert=%2Fca.pem", "sslmode=verify-full") for mode in ("disable", "allow", "prefer")),
        *((f"?sslmode={mode}&sslrootcert=%2Fca.pem", "sslmode=verify-full") for mode in ("require", "verify-ca", "x")),
        ("?sslmode=verify-full&sslmode=prefer&sslrootcert=%2Fca.pem", "sslmode=verify-full"),
        ("?sslrootcert=%2Fca.pem", "sslmode=verify-full"),
        ("?sslmode=verify-full", "sslrootcert"),
        ("?sslmode=verify-full&sslrootcert=", "sslrootcert"),
    ],
)
@pytest.mark.parametrize("kind", SERVICES)
def test_attack_82_production_refuses_a_database_that_is_not_verified(
    kind: type[BaseSettings], query: str, reason: str
) -> None:
    url = SecretStr(f"postgresql://role:{SECRET}@db.force.example/intake{query}")
    (why,) = found(kind, database_url=url)
    assert why.startswith(named(kind, "database_url"))
    assert reason in why


def test_attack_82_provisioning_refuses_a_database_that_is_not_verified() -> None:
    (why,) = found(
        ProvisionSettings, postgres_url=SecretStr(f"postgresql://postgres:{SECRET}@db.force.example/postgres")
    )
    assert why == "PROVISION_POSTGRES_URL: not verified: sslmode=verify-full is needed"


@pytest.mark.parametrize("url", ["http://records.force.example", "HTTP://x", "records.force.example", "//x", ""])
def test_attack_82_production_refuses_a_police_system_in_clear_text(url: str) -> None:
    assert found(Transfer, police_url=url) == ["TRANSFER_POLICE_URL: clear text: https is needed"]


@pytest.mark.parametrize("setting", ["public_url", "oidc_issuer", "oidc_address"])
@pytest.mark.parametrize("kind", [Desk, Triage])
def test_attack_82_production_refuses_pages_and_sign_in_in_clear_text(kind: type[BaseSettings], setting: str) -> None:
    clear: dict[str, Any] = {setting: "http://triage.force.example"}
    assert found(kind, **clear) == [f"{named(kind, setting)}: clear text: https is needed"]
    assert found(kind, environment="local", **clear) == []


@pytest.mark.parametrize("kind", REACHED)
def test_attack_82_production_refuses_pages_without_certificate_unless_a_proxy_has_it(kind: type[BaseSettings]) -> None:
    proxies = (ip_network("10.20.0.5/32"),)
    assert found(kind, certificate_file=None) == [f"{named(kind, 'certificate_file')}: a listener has no certificate"]
    assert found(kind, certificate_file=None, trusted_proxies=proxies, plain_http_from_proxies=True) == []


@pytest.mark.parametrize("kind", SERVICES)
def test_attack_82_production_refuses_operations_without_certificate_beyond_loopback(kind: type[BaseSettings]) -> None:
    proxied: dict[str, Any] = {"trusted_proxies": (ip_network("10.20.0.5/32"),), "plain_http_from_proxies": True}
    changes = proxied if kind in REACHED else {}
    assert found(kind, certificate_file=None, operations_host="127.0.0.1", **changes) == []
    assert len(found(kind, certificate_file=None, operations_host="10.1.0.4", **changes)) == 1


@pytest.mark.parametrize("environment", ["local", "production"])
@pytest.mark.parametrize("kind", REACHED)
def test_clear_http_is_refused_without_the_proxies_that_may_use_it(kind: type[BaseSettings], environment: str) -> None:
    (why,) = found(kind, environment=environment, plain_http_from_proxies=True)
    assert why == f"{named(kind, 'plain_http_from_proxies')}: needs TRUSTED_PROXIES"


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
@pytest.mark.parametrize("environment", ["local", "production"])
def test_nobody_trusts_every_address_as_a_proxy(environment: str, network: str) -> None:
    (why,) = found(Triage, environment=environment, trusted_proxies=(ip_network(network),))
    assert why == "TRIAGE_TRUSTED_PROXIES: trusts every address"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.0.4", "desk-pages", "192.168.1.2"])  # noqa: S104 - refused
@pytest.mark.parametrize("setting", ["host", "operations_host"])
@pytest.mark.parametrize("kind", REACHED)
def test_attack_82_a_local_process_listens_on_loopback_unless_it_says_that_it_is_in_a_container(
    kind: type[BaseSettings], setting: str, host: str
) -> None:
    (why,) = found(kind, **listening(setting, host))
    assert why.startswith(f"{named(kind, setting)}: a local process listens on the loopback address only")
    assert found(kind, in_container=True, **listening(setting, host)) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.3.4", "::1", "localhost"])
def test_a_local_process_may_listen_on_every_loopback_address(host: str) -> None:
    assert found(Intake, environment="local", host=host, operations_host=host) == []


def test_attack_82_a_local_environment_may_speak_in_clear_text() -> None:
    clear: dict[str, Any] = {"kafka_security_protocol": "SASL_PLAINTEXT", "police_url": "http://127.0.0.1:8105"}
    assert found(Transfer, environment="local", certificate_file=None, **clear) == []


def test_attack_82_production_refuses_a_simulator() -> None:
    assert found(PoliceSettings) == ["POLICE_IS_SIMULATOR: a simulator has no place in production"]
    assert found(PoliceSettings, environment="local") == []


@pytest.mark.parametrize("replicas", [1])
def test_production_refuses_records_on_one_broker(replicas: int) -> None:
    whys = found(ProvisionSettings, kafka_replicas=replicas, kafka_min_insync=1)
    assert [why.split(":")[0] for why in whys] == ["PROVISION_KAFKA_MIN_INSYNC", "PROVISION_KAFKA_REPLICAS"]
    assert found(ProvisionSettings, environment="local", kafka_replicas=replicas, kafka_min_insync=1) == []


def test_attack_82_production_refuses_a_secret_in_the_environment() -> None:
    around = Surroundings(openly_given=("INTAKE_HMAC_KEY",))
    assert found(Intake, around) == ["INTAKE_HMAC_KEY: a secret in the environment: use INTAKE_HMAC_KEY_FILE"]
    assert found(Intake, around, environment="local") == []


@pytest.mark.parametrize("bit", [stat.S_IRGRP, stat.S_IWGRP, stat.S_IXGRP, stat.S_IROTH, stat.S_IWOTH, stat.S_IXOTH])
@pytest.mark.parametrize("environment", ["local", "production"])
def test_attack_82_a_secret_file_that_others_can_reach_is_refused(environment: str, bit: int) -> None:
    around = Surroundings(files={"INTAKE_HMAC_KEY_FILE": SecretFile(0o600 | bit, 0)})
    (why,) = found(Intake, around, environment=environment)
    assert why == "INTAKE_HMAC_KEY_FILE: others can reach the file: chmod 600"


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (SecretFile(0o600, 10001), None),
        (SecretFile(0o400, 10001), None),
        (SecretFile(0o600, 0), None),
        (SecretFile(0o600, 999), "the file belongs to another account"),
        (SecretFile(None, None), "the file is not there"),
    ],
)
def test_a_secret_file_belongs_to_its_process_or_to_root(file: SecretFile, fault: str | None) -> None:
    assert file.fault(10001) == fault


def test_attack_82_everything_wrong_is_in_one_list_without_a_value() -> None:
    around = Surroundings(
        openly_given=("TRANSFER_POLICE_TOKEN",), files={"TRANSFER_KAFKA_PASSWORD_FILE": SecretFile(0o644, 0)}
    )
    whys = found(
        Transfer,
        around,
        kafka_security_protocol="SASL_PLAINTEXT",
        police_url=f"http://{SECRET}@records.force.example",
        database_url=SecretStr(f"postgresql://role:{SECRET}@db.force.example/transfer"),
        certificate_file=None,
        operations_host="0.0.0.0",  # noqa: S104 - that it is refused is what is tested
    )
    assert [why.split(":")[0] for why in whys] == [
        "TRANSFER_CERTIFICATE_FILE",
        "TRANSFER_DATABASE_URL",
        "TRANSFER_KAFKA_PASSWORD_FILE",
        "TRANSFER_KAFKA_SECURITY_PROTOCOL",
        "TRANSFER_POLICE_TOKEN",
        "TRANSFER_POLICE_URL",
    ]
    assert not any(SECRET in why or "force.example" in why for why in whys)
