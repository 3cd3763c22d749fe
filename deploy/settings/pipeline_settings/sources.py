"""The sources of settings: each kind of deployment supplies its own values.

A `Place` is one deployment: the local stack, the containers of docker-compose.yml and those of
deploy/compose.production.yml each have one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, assert_never
from urllib.parse import quote

from pipeline_settings.paths import Paths

AUTHORITIES = "ca.pem"  # the file of the certificate authorities that clients trust


class Deployment(StrEnum):
    """The kinds of deployment in the table."""

    LOCAL = "local"
    CONTAINERS = "containers"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Text:
    """A value that is written in the table."""

    value: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the operator of an installation gives; without a default it must be given."""

    variable: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """The name of a copy of a process on one network, where it listens and others reach it."""

    name: str


@dataclass(frozen=True, slots=True)
class Balancer:
    """The address of the balancer on the network that it shares with a process."""

    name: str


@dataclass(frozen=True, slots=True)
class Port:
    """The port of a process, by its name or by its operations name."""

    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """The host and port of a process or the broker, after a scheme such as `http://` and before a path."""

    name: str
    scheme: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Public:
    """The address of a process for browsers, after its scheme and before a path."""

    name: str
    scheme: str = "https://"
    path: str = ""


@dataclass(frozen=True, slots=True)
class AddressesByName:
    """Addresses as a JSON object."""

    addresses: Mapping[str, "Address | Public"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A generated secret: one for a kind, or one for each owner."""

    kind: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SecretsByName:
    """The secrets of one kind as a JSON object, for the process that sets passwords."""

    kind: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The URL of a database for a role; `owner` names its password."""

    database: str
    role: str
    owner: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The path of a key file or of the bundle of public keys."""

    name: str


@dataclass(frozen=True, slots=True)
class Folder:
    """The path of a folder that survives the process."""

    name: str


Installed = Given | Host | Balancer
Named = Address | Public | AddressesByName | Port
Source = Text | Installed | Named | Secret | SecretsByName | DatabaseUrl | KeyFile | Folder
SECRET = (Secret, SecretsByName, DatabaseUrl)


class Place(Protocol):
    """One deployment: its addresses, paths and secrets."""

    @property
    def deployment(self) -> Deployment:
        """Return the kind of deployment."""
        ...

    @property
    def paths(self) -> Paths:
        """Return where its processes find their files."""
        ...

    def port(self, name: str) -> int:
        """Return the port of a process."""
        ...

    def address(self, name: str) -> str:
        """Return the host and port of a process or the broker."""
        ...

    def public(self, name: str) -> str:
        """Return the host and port of a process for browsers."""
        ...

    def installed(self, source: Installed) -> str:
        """Return a value that only an installation in production has; raise LookupError elsewhere."""
        ...

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret."""
        ...


def value_of(source: Source, place: Place) -> str:
    """Return the value of a source in a place."""
    match source:
        case Text(value):
            return value
        case Given() | Host() | Balancer():
            return place.installed(source)
        case Address() | Public() | AddressesByName() | Port():
            return _place_of(source, place)
        case Secret(kind, owner):
            return place.secret(kind, owner)
        case SecretsByName(kind, owners):
            return json.dumps({owner: place.secret(kind, owner) for owner in owners})
        case DatabaseUrl(database, role, owner):
            return _verified_url(place, database, f"{role}:{place.secret('postgres', owner)}")
        case KeyFile(name):
            return place.paths.key_file(name)
        case Folder(name):
            return place.paths.folder(name)
    assert_never(source)


def _place_of(source: Named, place: Place) -> str:
    match source:
        case Port(name):
            return str(place.port(name))
        case Address(name, scheme, path):
            return f"{scheme}{place.address(name)}{path}"
        case Public(name, scheme, path):
            return f"{scheme}{place.public(name)}{path}"
        case AddressesByName(addresses):
            return json.dumps({name: _place_of(address, place) for name, address in addresses.items()})
    assert_never(source)


def _verified_url(place: Place, database: str, account: str) -> str:
    """Return the URL of a database that must prove by its certificate that it is the one at this address."""
    verified = f"sslmode=verify-full&sslrootcert={quote(place.paths.key_file(AUTHORITIES), safe='')}"
    return f"postgresql://{account}@{place.address('postgres')}/{database}?{verified}"
