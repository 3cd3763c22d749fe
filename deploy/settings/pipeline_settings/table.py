"""The table of all settings: the name, the source and the deployments of each setting of each process.

The local stack's environment and all files of secrets are made from it. docker-compose.yml and the settings classes
of the services are checked against it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pipeline_settings.processes import DATABASE_OF, PAGES, PEOPLE_ROLES, PROCESSES, SERVICE_PROCESSES, Process
from pipeline_settings.sources import (
    AUTHORITIES,
    SECRET,
    Address,
    AddressesByName,
    DatabaseUrl,
    Deployment,
    Folder,
    KeyFile,
    Place,
    Port,
    Public,
    Secret,
    SecretsByName,
    Source,
    Text,
    value_of,
)

LOCAL = frozenset({Deployment.LOCAL})
CONTAINERS = frozenset({Deployment.CONTAINERS})
EVERYWHERE = LOCAL | CONTAINERS

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of the container; its port is published on the loopback address

PROVISION = "provision"
SIMULATED_LOCALLY = "provider"  # in docker-compose.yml, Keycloak takes its place
REALM = "/realms/pipeline"  # of Keycloak in docker-compose.yml


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of one process, without the process's prefix."""

    name: str
    source: Source
    deployments: frozenset[Deployment] = EVERYWHERE

    @property
    def is_secret(self) -> bool:
        """Tell whether the value is secret and must not be in a checked-in file."""
        return isinstance(self.source, SECRET)


# The settings that only one process has, beyond those that every process of a service has.
PARTICULARS: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {
        "intake": (Setting("HMAC_KEY", Secret("intake_hmac")),),
        "sanitiser": (Setting("PRIVATE_KEYS", KeyFile("sanitiser-1.key")),),
        "desk": (Setting("PRIVATE_KEYS", KeyFile("desk-1.key")),),
        "transfer": (
            Setting("POLICE_URL", Address("police", "https://")),
            Setting("POLICE_TOKEN", Secret("police_token")),
            Setting("POLICE_CA_FILE", KeyFile(AUTHORITIES)),
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
    own = _own_settings(process)
    if process.name != SIMULATED_LOCALLY:
        return own
    return tuple(replace(each, deployments=LOCAL) for each in own if each.deployments & LOCAL)


def _own_settings(process: Process) -> tuple[Setting, ...]:
    return (
        *_reachable(process),
        *(_listening(process) if process.port else ()),
        *(_service(process, process.service) if process.service else ()),
        *(_pages(process.name) if process.has_pages else ()),
        *(_kafka(process.name, process.kafka_user) if process.kafka_user else ()),
        *PARTICULARS.get(process.name, ()),
    )


def _reachable(process: Process) -> tuple[Setting, ...]:
    """Return what every process has that listens: its certificate, and why a container's address is not loopback."""
    return (
        Setting("ENVIRONMENT", Text("local")),  # lets made-up people sign in; neither deployment is for production
        Setting("IN_CONTAINER", Text("true"), CONTAINERS),
        Setting("CERTIFICATE_FILE", KeyFile(f"tls/{process.name}.pem")),
    )


def _listening(process: Process) -> tuple[Setting, ...]:
    # Pages answer on one network only, never on the operations network, which all services share.
    inside = f"{process.name}-pages" if process.has_pages else EVERY_ADDRESS
    return (
        Setting("HOST", Text(LOOPBACK), LOCAL),
        Setting("HOST", Text(inside), CONTAINERS),
        Setting("PORT", Port(process.name)),
        # no balancer asks who is ready
        *((Setting("DRAIN_SECONDS", Text("0"), LOCAL | CONTAINERS),) if process.service else ()),
    )


def _service(process: Process, service: str) -> tuple[Setting, ...]:
    return (
        Setting("OPERATIONS_HOST", Text(process.operations_name), CONTAINERS),  # its address on the operations network
        Setting("OPERATIONS_PORT", Port(process.operations_name)),
        Setting("DATABASE_URL", DatabaseUrl(DATABASE_OF[service], process.database_role or "", process.name)),
        Setting("SIGNING_KEY", KeyFile(f"{process.signing_key}.key")),
        Setting("KEY_BUNDLE", KeyFile("bundle.json")),
        Setting("TRUST_ROOT", Secret("trust_root")),
    )


# The groups of the simulated provider, and the roles that they give here.
ROLES = (
    "triage officer",
    "triage supervisor",
    "source desk officer",
    "source desk approver",
    "rules author",
    "auditor",
    "operations",
    "agency administrator",
)
ROLE_OF_GROUP = {f"pip-{role.replace(' ', '-')}": role for role in ROLES}


def _pages(name: str) -> tuple[Setting, ...]:
    return (
        Setting("PUBLIC_URL", Public(name)),
        Setting("SESSION_KEY", Secret("session", name)),
        Setting("OIDC_ISSUER", Public("provider"), LOCAL),
        Setting("OIDC_ISSUER", Public("provider", path=REALM), CONTAINERS),
        Setting("OIDC_ADDRESS", Address("provider", "https://", REALM), CONTAINERS),  # browsers use another name
        Setting("OIDC_ROLES_CLAIM", Text("groups"), CONTAINERS),
        Setting("OIDC_STEP_UP_ACR", Text("1"), CONTAINERS),  # a fresh sign-in, as Keycloak calls it
        Setting("OIDC_CA_FILE", KeyFile(AUTHORITIES)),
        Setting("OIDC_CLIENT_ID", Text(name)),
        Setting("OIDC_CLIENT_SECRET", Secret("oidc_client", name)),
        Setting("OIDC_ROLES", Text(json.dumps(ROLE_OF_GROUP))),
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
        "ENVIRONMENT": Text("local"),
        "KAFKA_BOOTSTRAP": Address("kafka"),
        "KAFKA_SECURITY_PROTOCOL": Text("SASL_SSL"),
        "KAFKA_CA_FILE": KeyFile(AUTHORITIES),
        "KAFKA_REPLICAS": Text("1"),
        "KAFKA_MIN_INSYNC": Text("1"),
        "KAFKA_PASSWORD": Secret("kafka", "admin"),
        "KAFKA_PASSWORDS": SecretsByName("kafka", users),
        "POSTGRES_URL": DatabaseUrl("postgres", "postgres", "postgres"),
        "POSTGRES_PASSWORDS": SecretsByName("postgres", (*roles, *PEOPLE_ROLES)),
    }
    return tuple(Setting(name, source, CONTAINERS) for name, source in rows.items())


SETTINGS_OF: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {process.name: _settings(process) for process in PROCESSES} | {PROVISION: _provision()}
)


def settings_in(name: str, deployment: Deployment) -> tuple[Setting, ...]:
    """Return the settings of a process in a kind of deployment."""
    return tuple(setting for setting in SETTINGS_OF[name] if deployment in setting.deployments)


def variable(name: str, setting: str) -> str:
    """Return the name of a setting's environment variable."""
    return f"{name}_{setting}".upper()


def environment_of(name: str, place: Place) -> dict[str, str]:
    """Return a process's environment variables in a place; of a secret, the path of its file."""
    return dict(_named(name, setting, place) for setting in settings_in(name, place.deployment))


def _named(name: str, setting: Setting, place: Place) -> tuple[str, str]:
    own = variable(name, setting.name)
    if setting.is_secret:
        return f"{own}_FILE", place.secret_file(name, setting.name.lower())
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
