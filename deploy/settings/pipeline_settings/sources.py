"""Where the value of a setting comes from, and how a kind of deployment answers that.

A `Place` is one kind of deployment: the local stack and the containers of docker-compose.yml each have one.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, assert_never


class Deployment(StrEnum):
    """The kinds of deployment that the table serves."""

    LOCAL = "local"
    CONTAINERS = "containers"


@dataclass(frozen=True, slots=True)
class Text:
    """A value that stands in the table itself."""

    value: str


@dataclass(frozen=True, slots=True)
class Port:
    """The port of a process, by its name or by its operations name."""

    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of another process or of the broker, after a scheme such as `http://`."""

    name: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is made with the keys: one of a kind, or its owner's own."""

    kind: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SecretsByName:
    """The secrets of one kind as a JSON object, for who sets passwords."""

    kind: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The URL under which a role opens a database; `owner` names its password."""

    database: str
    role: str
    owner: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The path of a key file or of the bundle of public keys."""

    name: str


@dataclass(frozen=True, slots=True)
class Folder:
    """The path of a folder that outlives the process."""

    name: str


Source = Text | Port | Address | Secret | SecretsByName | DatabaseUrl | KeyFile | Folder
SECRET = (Secret, SecretsByName, DatabaseUrl)


class Place(Protocol):
    """One kind of deployment: its addresses, folders and keys."""

    @property
    def deployment(self) -> Deployment:
        """Return which kind it is."""
        ...

    def port(self, name: str) -> int:
        """Return the port that a process listens on."""
        ...

    def address(self, name: str) -> str:
        """Return host and port of what others connect to."""
        ...

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret."""
        ...

    def key_file(self, name: str) -> str:
        """Return the path of a key file."""
        ...

    def folder(self, name: str) -> str:
        """Return the path of a lasting folder."""
        ...


def value_of(source: Source, place: Place) -> str:
    """Return the value that a source has in a place."""
    match source:
        case Text(value):
            return value
        case Port(name):
            return str(place.port(name))
        case Address(name, scheme):
            return f"{scheme}{place.address(name)}"
        case Secret(kind, owner):
            return place.secret(kind, owner)
        case SecretsByName(kind, owners):
            return json.dumps({owner: place.secret(kind, owner) for owner in owners})
        case DatabaseUrl(database, role, owner):
            return f"postgresql://{role}:{place.secret('postgres', owner)}@{place.address('postgres')}/{database}"
        case KeyFile(name):
            return place.key_file(name)
        case Folder(name):
            return place.folder(name)
    assert_never(source)
