"""What is missing or wrong in an installation's folder before its containers start: one list, without any secret."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import yaml
from cryptography import x509

from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.ceremony.signing import verified
from pipeline_admin.production.certificates import certificate_faults, trust_faults
from pipeline_admin.production.chains import authority_faults, certificates_in, chain_faults, own_chain_faults
from pipeline_admin.production.folder import AUTHORITY, InstallationFolder, NotGivenError
from pipeline_admin.production.host_keys import host_key_faults
from pipeline_admin.production.layout import BUNDLE, CERTIFICATE, NAMES_OF, OWNER_OF, POLICE_CLIENT, files_of
from pipeline_settings.key_table import KEYS, OFFLINE, TRUST_ROOT
from pipeline_settings.sign_in import PROVIDER_AUTHORITIES, REALM
from pipeline_settings.sources import AUTHORITIES
from pipeline_settings.table import POLICE_AUTHORITIES
from pipeline_shared.runtime.secret_files import OTHERS

PUBLIC_NAMES = ("INTAKE_NAME", "TRIAGE_NAME", "DESK_NAME")
RECEIVER = "receiver"


def faults(folder: InstallationFolder, environment: Mapping[str, str], now: datetime | None = None) -> list[str]:
    """Return everything that is missing or wrong, as `file: reason`; empty when the containers may start."""
    moment = now or datetime.now(UTC)
    found = [
        *_closed(folder),
        *(fault for name, owner in OWNER_OF.items() for fault in _handed_out(folder, name, owner)),
        *_certificates(folder, environment, moment),
        *_provider(environment.get("OIDC_ISSUER", "")),
        *_bundle(folder, moment),
        *_alerts(folder.given / "alertmanager.yml"),
        *_offline_keys(folder),
    ]
    return list(dict.fromkeys(found))


def _provider(issuer: str) -> Iterator[str]:
    if issuer.rstrip("/").endswith(REALM):  # everybody knows its people's passwords
        yield f"settings: OIDC_ISSUER is the realm of the demonstration ({REALM}): a force calls its own otherwise"


def _closed(folder: InstallationFolder) -> Iterator[str]:
    for each in (folder.root, folder.given, folder.keys, folder.made, folder.containers):
        if not each.is_dir():
            yield f"{each.name}: the folder is missing: run `production prepare`"
        elif each.stat().st_mode & OTHERS:
            yield f"{each.name}: others can reach the folder: chmod 700"


def _handed_out(folder: InstallationFolder, name: str, owner: int) -> Iterator[str]:
    """Yield what is wrong with the files of a container: each is there, up to date, and its account's alone."""
    at = folder.containers / name
    for file, content in files_of(name, folder).items():
        path = at / file
        named = f"containers/{name}/{file}"
        try:
            wanted = content()
        except NotGivenError as error:
            yield f"{error}: missing"
            continue
        if not path.exists():
            yield f"{named}: missing: run `production prepare`"
        elif fault := _access(path, owner):
            yield f"{named}: {fault}"
        elif not wanted.strip():
            yield f"{named}: empty"
        elif path.read_bytes() != wanted:
            yield f"{named}: not what was given last: run `production prepare`"


def _access(path: Path, owner: int) -> str | None:
    facts = path.stat()
    if facts.st_mode & OTHERS:
        return f"others can reach it: mode {stat.S_IMODE(facts.st_mode):o} and not 600"
    own = os.geteuid() or owner  # without root, everything belongs to this account
    return None if facts.st_uid == own else f"belongs to account {facts.st_uid} and not {own}"


def _certificates(folder: InstallationFolder, environment: Mapping[str, str], now: datetime) -> Iterator[str]:
    names = tuple(environment[name] for name in PUBLIC_NAMES if name in environment)
    missing = [name for name in PUBLIC_NAMES if not environment.get(name)]
    yield from (f"settings: {name} is missing" for name in missing)
    public = folder.given / CERTIFICATE
    yield from _checked(public, lambda pem: chain(certificate_faults(pem, names, now), own_chain_faults(pem)))
    for path in (folder.given / AUTHORITIES, folder.made / AUTHORITY):
        yield from _checked(path, lambda pem: authority_faults(pem, now))
    trusted = _authorities(folder)
    for holder, inside in NAMES_OF.items():
        given = folder.given / "tls" / f"{holder}.pem"
        path = given if given.exists() else folder.made / "tls" / f"{holder}.pem"
        if given.exists() and holder == POLICE_CLIENT:  # the police system asks for no name in it, and trusts its own
            yield from _checked(path, lambda pem: chain(certificate_faults(pem, (), now), own_chain_faults(pem)))
            continue
        yield from _checked(
            path,
            lambda pem, inside=inside: chain(certificate_faults(pem, inside, now), chain_faults(pem, trusted, now)),
        )
    for authority in (PROVIDER_AUTHORITIES, POLICE_AUTHORITIES):
        yield from _checked(folder.given / authority, lambda pem: trust_faults(pem, now))


def _authorities(folder: InstallationFolder) -> list[x509.Certificate]:
    """Return whom the wires inside trust: the authority made here, and the operator's."""
    files = (folder.made / AUTHORITY, folder.given / AUTHORITIES)
    return [each for file in files if file.exists() for each in certificates_in(file.read_bytes())]


def _checked(path: Path, look: Callable[[bytes], Iterator[str]]) -> Iterator[str]:
    if path.exists():
        place = path.relative_to(path.parents[1] if path.parent.name != "tls" else path.parents[2])
        yield from (f"{place}: {fault}" for fault in look(path.read_bytes()))


def _bundle(folder: InstallationFolder, now: datetime) -> Iterator[str]:
    """Yield what is wrong with the bundle of public keys, and with the private keys of this host beside it."""
    try:
        folder.given_file(BUNDLE)
        bundle = verified(folder.given / BUNDLE, folder.secret("trust_root"), now)
    except NotGivenError:
        return  # said where it is needed
    except CeremonyError as error:
        yield f"given/{BUNDLE}: {error}"
        return
    yield from host_key_faults(folder.keys, bundle)


def _alerts(file: Path) -> Iterator[str]:
    """Yield what is wrong with Alertmanager's settings: an alert that reaches nobody is no alert."""
    if not file.exists():
        return  # said where it is needed
    try:
        settings = yaml.safe_load(file.read_bytes())
        receivers = settings["receivers"]
        named = settings["route"][RECEIVER]
        (chosen,) = (each for each in receivers if each["name"] == named)
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        yield f"given/{file.name}: not Alertmanager's settings with a route to one receiver"
        return
    if not any(name.endswith("_configs") and value for name, value in chosen.items()):
        yield f"given/{file.name}: its receiver tells nobody"


def _offline_keys(folder: InstallationFolder) -> Iterator[str]:
    offline = [row for row in KEYS if row.holder == OFFLINE]
    for file in folder.keys.glob("*.key") if folder.keys.is_dir() else ():
        if file.stem == TRUST_ROOT or any(row.number(file.stem) for row in offline):
            yield f"keys/{file.name}: an offline key has no place on this host"
