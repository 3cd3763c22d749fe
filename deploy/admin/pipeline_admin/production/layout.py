"""What each container of deploy/compose.production.yml gets: the one list that preparing and checking work from."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipeline_admin.installation import audit_key_file, audit_key_of
from pipeline_admin.production import monitoring
from pipeline_admin.production.folder import InstallationFolder, NotGivenError
from pipeline_admin.production.place import BROKERS, COPIES, OneHost, host_of
from pipeline_settings.key_table import KEYS
from pipeline_settings.paths import ContainerPaths
from pipeline_settings.processes import AUDITOR_ROLE_OF, DATABASE_OF, OPERATOR_ROLE_OF, PAGES, SERVICE_PROCESSES
from pipeline_settings.sign_in import PROVIDER_AUTHORITIES
from pipeline_settings.sources import AUTHORITIES, DatabaseUrl, Deployment, value_of
from pipeline_settings.table import PROVISION, key_files_of, settings_in

OURS = 10001  # the account of our images (deploy/Dockerfile)
RUN_OPERATOR = "/run/operator"  # where an operator's container sees its folder, beside those of `provision`
# Who gives commands: each has the credentials of their own work.
OPERATOR, AUDITOR, AGENCIES = "operator", "auditor", "agencies"
BALANCER, POSTGRES = "balancer", "postgres"
FIGURES, ALERTS = "prometheus", "alertmanager"
INSTALLATION, ALERTS_SETTINGS = "installation.json", "alertmanager.yml"
CERTIFICATE, BUNDLE = "certificate.pem", "bundle.json"  # the certificate of the names that others reach
# The accounts of the official images.
OWNER_OF: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(BROKERS, 1000),
        POSTGRES: 999,
        BALANCER: 99,
        FIGURES: 65534,
        ALERTS: 65534,
        PROVISION: OURS,
        OPERATOR: OURS,
        AUDITOR: OURS,
        AGENCIES: OURS,
        **{each.name: OURS for each in SERVICE_PROCESSES},
    }
)
LOOPBACK_NAMES = ("localhost", "127.0.0.1")
POLICE_CLIENT = "transfer-client"
# Every holder of a certificate for the wires inside, and the names in it.
NAMES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{
            each.name: (each.name, *(host_of(f"{each.name}-{at}", c) for c in COPIES for at in ("front", "operations")))
            for each in SERVICE_PROCESSES
        },
        **{broker: (broker,) for broker in BROKERS},
        POSTGRES: (POSTGRES, *LOOPBACK_NAMES),
        BALANCER: ("balancer-operations",),
        FIGURES: (FIGURES, *LOOPBACK_NAMES),
        ALERTS: (ALERTS, *LOOPBACK_NAMES),
        POLICE_CLIENT: (POLICE_CLIENT,),  # what transfer shows the police system, unless the operator gives one
    }
)

Content = Callable[[], bytes]


def files_of(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the files of a container, by their names; each content raises NotGivenError while something is missing."""
    if name in {each.name for each in SERVICE_PROCESSES} | {PROVISION}:
        return {**_settings(name, folder), **_named(name, folder), **_private_keys(name, folder)}
    if name in {OPERATOR, AUDITOR, AGENCIES}:
        return _of_people(name, folder)
    return {"tls.pem": _certificate(name, folder), AUTHORITIES: folder.authorities, **_of_others(name, folder)}


def _of_people(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the files for those who give commands: each has the credentials of their own work, and no others."""
    trusted = {AUTHORITIES: folder.authorities, PROVIDER_AUTHORITIES: _given(PROVIDER_AUTHORITIES, folder)}
    files = {INSTALLATION: lambda: json.dumps(_installation(name, folder), indent=2).encode(), **trusted}
    if name == AUDITOR:
        return files | {audit_key_file(site): _audit_key(site, folder) for site in PAGES}
    if name == OPERATOR:
        files |= {BUNDLE: _given(BUNDLE, folder), "trust_root": lambda: folder.secret("trust_root").encode()}
    return files


def _of_others(name: str, folder: InstallationFolder) -> dict[str, Content]:
    if name in BROKERS:
        return {
            "admin": lambda: folder.secret("kafka", "admin").encode(),
            "controller": lambda: folder.secret("controller").encode(),
            "cluster_id": lambda: folder.secret("cluster_id").encode(),
        }
    if name == POSTGRES:
        return {"password": lambda: folder.secret("postgres", "postgres").encode()}
    if name == BALANCER:
        return {CERTIFICATE: _given(CERTIFICATE, folder)}
    return _of_monitoring(name, folder)


def _of_monitoring(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the files of Prometheus or Alertmanager: each has a password of its own, and Prometheus both."""
    own: dict[str, Content] = {
        monitoring.SETTINGS: lambda: monitoring.web_settings(folder.hashed("monitoring", name)),
        monitoring.PASSWORD: lambda: folder.secret("monitoring", name).encode(),
    }
    if name == ALERTS:
        return own | {ALERTS_SETTINGS: _given(ALERTS_SETTINGS, folder)}
    return own | {f"{ALERTS}_{monitoring.PASSWORD}": lambda: folder.secret("monitoring", ALERTS).encode()}


def _settings(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the secret settings of a process, each in a file."""
    place = OneHost(folder)
    secret = [setting for setting in settings_in(name, Deployment.PRODUCTION) if setting.is_secret]
    return {each.name.lower(): lambda source=each.source: value_of(source, place).encode() for each in secret}


def _named(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the files that the settings of a process name, without private keys."""
    return {file: _file(file, folder) for file in key_files_of(name, Deployment.PRODUCTION)}


def _file(name: str, folder: InstallationFolder) -> Content:
    if name == AUTHORITIES:
        return folder.authorities
    at, _, holder = name.removesuffix(".pem").rpartition("/")
    return _certificate(holder, folder) if at == "tls" else _given(name, folder)


def _private_keys(name: str, folder: InstallationFolder) -> dict[str, Content]:
    """Return the private keys of a holder: of each role those that are there, or the first, which must be made."""
    rows = [row for row in KEYS if row.holder == name]
    found = [file.stem for file in folder.keys.glob("*.key")]
    kids = {kid for row in rows for kid in ([kid for kid in found if row.number(kid)] or [row.kid(1)])}
    return {f"{kid}.key": _key(f"{kid}.key", folder) for kid in sorted(kids)}


def _key(file: str, folder: InstallationFolder) -> Content:
    def read() -> bytes:
        try:
            return (folder.keys / file).read_bytes()
        except FileNotFoundError:
            raise NotGivenError("keys", file) from None

    return read


def _given(name: str, folder: InstallationFolder) -> Content:
    return lambda: folder.given_file(name)


def _certificate(holder: str, folder: InstallationFolder) -> Content:
    return lambda: folder.certificate(holder, NAMES_OF[holder])


def _audit_key(site: str, folder: InstallationFolder) -> Content:
    return lambda: audit_key_of(folder.secret("session", site))


def _installation(name: str, folder: InstallationFolder) -> dict[str, object]:
    """Return the content of the file for the commands of these people (ADMIN_FILE)."""
    place = OneHost(folder, paths=ContainerPaths(RUN_OPERATOR))
    if name == AUDITOR:
        keys = {site: place.paths.key_file(audit_key_file(site)) for site in PAGES}
        return {"databases": {}, "audits": _databases(AUDITOR_ROLE_OF, place), "audit_keys": keys}
    if name == AGENCIES:  # beside intake, only this folder has the key of the agencies' API keys
        intake = {"intake": OPERATOR_ROLE_OF["intake"]}
        return {"databases": _databases(intake, place), "intake_hmac_key": folder.secret("intake_hmac")}
    return {
        "databases": _databases(OPERATOR_ROLE_OF, place),
        "operations": {each.name: f"https://{place.address(each.operations_name)}" for each in SERVICE_PROCESSES},
        "authorities": place.paths.key_file(AUTHORITIES),
    }


def _databases(role_of: Mapping[str, str], place: OneHost) -> dict[str, str]:
    """Return the URL of each service's database for one of its roles."""
    return {
        service: value_of(DatabaseUrl(DATABASE_OF[service], role, role), place) for service, role in role_of.items()
    }
