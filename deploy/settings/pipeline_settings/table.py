"""The table of all settings: the name, the source and the deployments of each setting of each process.

The local stack's environment and all files of secrets are made from it. docker-compose.yml,
deploy/compose.production.yml and the settings classes of the services are checked against it.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pipeline_settings.processes import DATABASE_OF, PAGES, PEOPLE_ROLES, PROCESSES, SERVICE_PROCESSES, Process
from pipeline_settings.setting import CONTAINERS, DEMONSTRATION, LOCAL, PRODUCTION, Setting, variable
from pipeline_settings.sign_in import sign_in_settings
from pipeline_settings.sources import (
    AUTHORITIES,
    Address,
    AddressesByName,
    Balancer,
    DatabaseUrl,
    Deployment,
    Folder,
    Given,
    Host,
    KeyFile,
    Place,
    Port,
    Public,
    Secret,
    SecretsByName,
    Text,
    value_of,
)

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of the container; its port is published on the loopback address
POLICE_AUTHORITIES = "police-ca.pem"  # of the force's police system, beside the one of the wires inside

PROVISION = "provision"
SIMULATED_LOCALLY = "provider"  # in docker-compose.yml, Keycloak takes its place


def _private(process: str, name: str, first: str) -> tuple[Setting, ...]:
    """Return a setting that names private keys: the first, or in production those that the operator names."""
    return (
        Setting(name, KeyFile(f"{first}.key"), DEMONSTRATION),
        Setting(name, Given(variable(process, name), f"/run/keys/{first}.key"), PRODUCTION),
    )


# The settings that only one process has, beyond those that every process of a service has.
PARTICULARS: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {
        "intake": (Setting("HMAC_KEY", Secret("intake_hmac")),),
        "sanitiser": _private("sanitiser", "PRIVATE_KEYS", "sanitiser-1"),
        "desk": _private("desk", "PRIVATE_KEYS", "desk-1"),
        "transfer": (
            Setting("POLICE_URL", Address("police", "https://"), DEMONSTRATION),
            Setting("POLICE_URL", Given("POLICE_URL"), PRODUCTION),
            Setting("POLICE_TOKEN", Secret("police_token")),
            Setting("POLICE_CA_FILE", KeyFile(AUTHORITIES), DEMONSTRATION),
            Setting("POLICE_CA_FILE", KeyFile(POLICE_AUTHORITIES), PRODUCTION),
            Setting("POLICE_CLIENT_CERT_FILE", KeyFile("tls/transfer-client.pem")),
        ),
        "provider": (
            Setting("ISSUER", Public("provider")),
            Setting("CA_FILE", KeyFile(AUTHORITIES)),
            Setting("CLIENT_SECRETS", SecretsByName("oidc_client", PAGES)),
            Setting("CLIENT_ADDRESSES", AddressesByName({name: Public(name) for name in PAGES})),
            Setting("CLIENT_BACK_CHANNELS", AddressesByName({name: Address(name, "https://") for name in PAGES})),
        ),
        "police": (Setting("TOKEN", Secret("police_token")), Setting("STORE", Folder("police"))),
    }
)


def _settings(process: Process) -> tuple[Setting, ...]:
    every = (
        *_reachable(process),
        *(_listening(process) if process.port else ()),
        *(_service(process, process.service) if process.service else ()),
        *(sign_in_settings(process.name) if process.has_pages else ()),
        *(_kafka(process.name, process.kafka_user) if process.kafka_user else ()),
        *PARTICULARS.get(process.name, ()),
    )
    if process.service:
        return every
    return _within(LOCAL if process.name == SIMULATED_LOCALLY else DEMONSTRATION, every)


def _within(deployments: frozenset[Deployment], settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Return the settings of a simulator in the deployments that have it."""
    found = (replace(each, deployments=each.deployments & deployments) for each in settings)
    return tuple(each for each in found if each.deployments)


def _environment() -> tuple[Setting, ...]:
    return (
        Setting("ENVIRONMENT", Text("local"), DEMONSTRATION),
        Setting("ENVIRONMENT", Text("production"), PRODUCTION),
    )


def _reachable(process: Process) -> tuple[Setting, ...]:
    """Return what every process has that listens: its certificate, and why a container's address is not loopback."""
    return (
        *_environment(),
        Setting("IN_CONTAINER", Text("true"), CONTAINERS),
        Setting("CERTIFICATE_FILE", KeyFile(f"tls/{process.name}.pem")),
    )


def _listening(process: Process) -> tuple[Setting, ...]:
    # Pages answer on one network only, never on the operations network, which all services share.
    inside = f"{process.name}-pages" if process.has_pages else EVERY_ADDRESS
    return (
        Setting("HOST", Text(LOOPBACK), LOCAL),
        Setting("HOST", Text(inside), CONTAINERS),
        Setting("HOST", Host(f"{process.name}-front"), PRODUCTION),  # its address on its network with the balancer
        Setting("PORT", Port(process.name)),
        # no balancer asks who is ready
        *((Setting("DRAIN_SECONDS", Text("0"), DEMONSTRATION),) if process.service else ()),
        Setting("TRUSTED_PROXIES", Balancer(process.name), PRODUCTION),
    )


def _service(process: Process, service: str) -> tuple[Setting, ...]:
    return (
        Setting("OPERATIONS_HOST", Text(process.operations_name), CONTAINERS),  # its address on the operations network
        Setting("OPERATIONS_HOST", Host(process.operations_name), PRODUCTION),
        Setting("OPERATIONS_PORT", Port(process.operations_name)),
        Setting("DATABASE_URL", DatabaseUrl(DATABASE_OF[service], process.database_role or "", process.name)),
        *_private(process.name, "SIGNING_KEY", process.signing_key),
        Setting("KEY_BUNDLE", KeyFile("bundle.json")),
        Setting("TRUST_ROOT", Secret("trust_root")),
    )


def _kafka(name: str, user: str) -> tuple[Setting, ...]:
    return (
        Setting("KAFKA_BOOTSTRAP", Address("kafka")),
        Setting("KAFKA_USERNAME", Text(user)),
        Setting("KAFKA_PASSWORD", Secret("kafka", user)),
        Setting("KAFKA_SECURITY_PROTOCOL", Text("SASL_SSL")),
        Setting("KAFKA_CA_FILE", KeyFile(AUTHORITIES)),
        Setting("PARKING_KEY", Secret("parking", name)),
    )


def _provision() -> tuple[Setting, ...]:
    users = tuple(process.kafka_user for process in PROCESSES if process.kafka_user)
    roles = tuple(process.name for process in SERVICE_PROCESSES)
    rows = {
        "KAFKA_BOOTSTRAP": Address("kafka"),
        "KAFKA_SECURITY_PROTOCOL": Text("SASL_SSL"),
        "KAFKA_CA_FILE": KeyFile(AUTHORITIES),
        "KAFKA_PASSWORD": Secret("kafka", "admin"),
        "KAFKA_PASSWORDS": SecretsByName("kafka", users),
        "POSTGRES_URL": DatabaseUrl("postgres", "postgres", "postgres"),
        "POSTGRES_PASSWORDS": SecretsByName("postgres", (*roles, *PEOPLE_ROLES)),
    }
    return (
        *(Setting(name, source, CONTAINERS | PRODUCTION) for name, source in rows.items()),
        Setting("ENVIRONMENT", Text("local"), CONTAINERS),
        Setting("ENVIRONMENT", Text("production"), PRODUCTION),
        *(Setting(f"KAFKA_{name}", Text("1"), CONTAINERS) for name in ("REPLICAS", "MIN_INSYNC")),  # one broker
        Setting("KAFKA_REPLICAS", Text("3"), PRODUCTION),
        Setting("KAFKA_MIN_INSYNC", Text("2"), PRODUCTION),
    )


SETTINGS_OF: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {process.name: _settings(process) for process in PROCESSES} | {PROVISION: _provision()}
)


def settings_in(name: str, deployment: Deployment) -> tuple[Setting, ...]:
    """Return the settings of a process in a kind of deployment."""
    return tuple(setting for setting in SETTINGS_OF[name] if deployment in setting.deployments)


def environment_of(name: str, place: Place) -> dict[str, str]:
    """Return a process's environment variables in a place; of a secret, the path of its file."""
    return dict(_named(name, setting, place) for setting in settings_in(name, place.deployment))


def _named(name: str, setting: Setting, place: Place) -> tuple[str, str]:
    own = variable(name, setting.name)
    if setting.is_secret:
        return f"{own}_FILE", place.paths.secret_file(name, setting.name.lower())
    return own, value_of(setting.source, place)


def secrets_of(name: str, place: Place) -> dict[str, str]:
    """Return the secret settings of a process by the names of their files."""
    secret = (setting for setting in settings_in(name, place.deployment) if setting.is_secret)
    return {setting.name.lower(): value_of(setting.source, place) for setting in secret}


def key_files_of(name: str, deployment: Deployment) -> tuple[str, ...]:
    """Return the names of the key files that a process reads; the URL of a database names the authorities, too."""
    sources = [setting.source for setting in settings_in(name, deployment)]
    named = [source.name for source in sources if isinstance(source, KeyFile)]
    verifies = any(isinstance(source, DatabaseUrl) for source in sources)
    return tuple(dict.fromkeys((*named, AUTHORITIES) if verifies else named))
