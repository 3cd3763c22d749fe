"""Checks a folder of private keys (its modes, its keys, the computer it is on), and reads keys from it."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_settings.key_table import KEYS, OFFLINE, TRUST_ROOT, KeyRow
from pipeline_settings.processes import PROCESSES
from pipeline_settings.setting import variable
from pipeline_shared.crypto.providers import FileKeys, KeyProviderError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
FOLDER_MODE = 0o700
SUFFIX = ".key"
# A computer whose environment has one of these runs a service, or reaches its databases.
OF_SERVICES = ("DATABASE_URL", "DATABASE_URL_FILE", "PRIVATE_KEYS", "KAFKA_PASSWORD", "KAFKA_PASSWORD_FILE")
OF_OPERATORS = ("ADMIN_DATABASES", "ADMIN_FILE", "PROVISION_POSTGRES_URL", "PROVISION_POSTGRES_URL_FILE")


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """A folder of private keys of one holder."""

    path: Path

    def require_closed(self) -> None:
        """Make the folder if it is missing; raise CeremonyError if others can reach it or a key in it."""
        self.path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if self.path.stat().st_mode & OTHERS:
            raise CeremonyError("folder_too_open", str(self.path))
        for file in self.path.glob(f"*{SUFFIX}"):
            if file.is_symlink() or file.stat().st_mode & OTHERS:
                raise CeremonyError("key_too_open", file.name)

    def require_offline(self, environment: Mapping[str, str] = os.environ) -> None:
        """Raise CeremonyError if this computer runs a service, or the folder has a service's key."""
        services = [variable(each.name, name) for each in PROCESSES for name in OF_SERVICES]
        if found := [name for name in (*services, *OF_OPERATORS) if name in environment]:
            raise CeremonyError("service_host", found[0])
        if found := [kid for row in KEYS if row.holder != OFFLINE for kid in self.kids(row)]:
            raise CeremonyError("service_host", found[0])

    def require_no_offline_key(self) -> None:
        """Raise CeremonyError if the folder has a key that no service host may have."""
        offline = [kid for row in KEYS if row.holder == OFFLINE for kid in self.kids(row)]
        if found := [TRUST_ROOT] * self.file(TRUST_ROOT).exists() + offline:
            raise CeremonyError("offline_key_here", found[0])

    def kids(self, row: KeyRow) -> list[str]:
        """Return the keys of a role in the folder, the newest last."""
        found = [file.stem for file in self.path.glob(f"*{SUFFIX}") if row.number(file.stem)]
        return sorted(found, key=lambda kid: row.number(kid) or 0)

    def file(self, kid: str) -> Path:
        """Return the file of a key."""
        return self.path / f"{kid}{SUFFIX}"

    def trust_root(self) -> Ed25519PrivateKey:
        """Return the private trust root; raise CeremonyError."""
        try:
            return Ed25519PrivateKey.from_private_bytes(self.lend(TRUST_ROOT))
        except ValueError:
            raise CeremonyError("key_unreadable", TRUST_ROOT) from None

    def lend(self, kid: str) -> bytes:
        """Return the bytes of a key; raise CeremonyError."""
        try:
            return FileKeys([self.file(kid)]).lend(kid)
        except KeyProviderError as error:
            raise CeremonyError(error.code, kid) from None


def rows_of(holder: str) -> Sequence[KeyRow]:
    """Return the rows of a holder; raise CeremonyError for an unknown one."""
    rows = [row for row in KEYS if row.holder == holder]
    if not rows:
        raise CeremonyError("holder_unknown", holder)
    return rows


def row_of(role: str) -> KeyRow:
    """Return the row of a role, which may be written as in the ids of its keys; raise CeremonyError."""
    row = next((row for row in KEYS if role in (row.role, row.kid(0)[:-2])), None)
    if row is None:
        raise CeremonyError("holder_unknown", role)
    return row
