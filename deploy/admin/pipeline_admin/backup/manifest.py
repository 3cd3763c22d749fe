"""The list of a backup's parts: what they are, their hashes, and the backup's key, sealed to the offline key.

The list itself is authenticated with the backup's key, so a part cannot be exchanged together with its hash.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from pydantic import ValidationError

from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.sealed_parts import hash_of
from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, seal
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.language.texts import Model

FILE = "manifest.json"
PURPOSE = "backup.key"


class Manifest(Model):
    """The list; `parts` has the SHA-256 of each part's file by its name, `installation` the hash of the trust root."""

    backup_id: UUID
    taken_at: datetime
    installation: str
    sealed_key: str
    parts: Mapping[str, str]
    mac: str = ""

    def signed(self, key: bytes) -> "Manifest":
        """Return the list with its code of authentication."""
        return self.model_copy(update={"mac": self._mac(key)})

    def require_whole(self, folder: Path) -> None:
        """Raise BackupError unless each part is there and has its hash. No key is needed."""
        for name, digest in self.parts.items():
            file = folder / name
            if not file.is_file() or hash_of(file) != digest:
                raise BackupError("backup_damaged", name)

    def require_ours(self, key: bytes, trust_root: str) -> None:
        """Raise BackupError unless the key made this list, for the installation with this trust root."""
        if not hmac.compare_digest(self._mac(key), self.mac):
            raise BackupError("key_of_another")
        if self.installation != installation_of_root(trust_root):
            raise BackupError("backup_of_another")

    def unlock(self, keys: Mapping[str, MLKEM768X25519PrivateKey]) -> bytes:
        """Return the backup's key, opened with an offline key; raise BackupError."""
        try:
            return open_sealed(decode_base64(self.sealed_key), Context(PURPOSE, self.backup_id), keys)
        except (SealError, ValueError):
            raise BackupError("not_sealed_to_this_key") from None

    def _mac(self, key: bytes) -> str:
        listed = self.model_copy(update={"mac": ""}).model_dump_json().encode()
        return hmac.digest(key, b"manifest\0" + listed, "sha256").hex()


def seal_key(key: bytes, backup_id: UUID, recipients: tuple[Recipient, ...]) -> str:
    """Return a backup's key sealed to the offline key, as text."""
    return encode_base64(seal(key, Context(PURPOSE, backup_id), recipients))


def installation_of_root(trust_root: str) -> str:
    """Return what tells one installation from another: a hash of its public trust root."""
    return hashlib.sha256(trust_root.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Return the list of a backup; raise BackupError."""
    try:
        return Manifest.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        raise BackupError("backup_unreadable") from None
