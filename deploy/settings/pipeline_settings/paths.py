"""The paths of files and folders, as the processes of a deployment see them."""

from dataclasses import dataclass
from typing import Protocol


class Paths(Protocol):
    """Where a process of one deployment finds its files."""

    def key_file(self, name: str) -> str:
        """Return the path of a key file."""
        ...

    def secret_file(self, process: str, setting: str) -> str:
        """Return the path of the file that holds a secret setting of a process."""
        ...

    def folder(self, name: str) -> str:
        """Return the path of a permanent folder."""
        ...


@dataclass(frozen=True, slots=True)
class ContainerPaths:
    """The paths in a container: it has one folder of keys, with its own secrets only."""

    keys: str = "/run/keys"

    def key_file(self, name: str) -> str:
        """Return the path of a key file."""
        return f"{self.keys}/{name}"

    def secret_file(self, process: str, setting: str) -> str:
        """Return the path of a secret setting, beside the key files."""
        del process
        return f"{self.keys}/{setting}"

    def folder(self, name: str) -> str:
        """Return the mount path of a permanent volume."""
        return f"/var/lib/{name}"
