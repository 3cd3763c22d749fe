"""One part of a backup as a stream of sealed pieces, so that a dump of any size needs little memory.

Each part has a key of its own, derived from the backup's. Each piece is bound to its position and says whether it is
the last one: pieces that are moved, removed or cut off at the end are noticed. Layout of a piece: length (4 bytes,
big-endian) · AES-256-GCM ciphertext, whose nonce is the position.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline_admin.backup.refusal import BackupError

PIECE_BYTES = 1024 * 1024
MOST_SEALED = PIECE_BYTES + 16
LENGTH_BYTES, NONCE_BYTES = 4, 12
MORE, LAST = b"more", b"last"


@dataclass(frozen=True, slots=True)
class PartKey:
    """The key of one part of a backup."""

    key: bytes
    part: str

    @property
    def cipher(self) -> AESGCM:
        """Return the cipher with the part's own key."""
        return AESGCM(hmac.digest(self.key, b"part\0" + self.part.encode(), "sha256"))


def seal_part(source: IO[bytes], target: Path, key: PartKey) -> None:
    """Write everything that the source gives, sealed."""
    cipher, position = key.cipher, 0
    with target.open("xb") as file:
        piece = source.read(PIECE_BYTES)
        while True:
            following = source.read(PIECE_BYTES)
            sealed = cipher.encrypt(_nonce(position), piece, MORE if following else LAST)
            file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
            if not following:
                return
            piece, position = following, position + 1


def open_part(source: Path, key: PartKey) -> Iterator[bytes]:
    """Return the pieces in clear; raise BackupError where one is not as it was written."""
    cipher, position, is_last = key.cipher, 0, False
    with source.open("rb") as file:
        while length := file.read(LENGTH_BYTES):
            sealed = file.read(min(int.from_bytes(length, "big"), MOST_SEALED))
            if is_last:
                raise BackupError("backup_damaged", key.part)
            piece, is_last = _open(cipher, position, sealed, key.part)
            yield piece
            position += 1
    if not is_last:
        raise BackupError("backup_damaged", key.part)


def _open(cipher: AESGCM, position: int, sealed: bytes, part: str) -> tuple[bytes, bool]:
    for mark in (MORE, LAST):
        try:
            return cipher.decrypt(_nonce(position), sealed, mark), mark is LAST
        except InvalidTag:
            continue
    raise BackupError("backup_damaged", part)


def _nonce(position: int) -> bytes:
    return position.to_bytes(NONCE_BYTES, "big")


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
