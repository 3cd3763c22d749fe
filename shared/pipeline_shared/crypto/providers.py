"""Where private keys are kept: a provider lends the keys of one process to it, and to nobody else.

Whoever seals needs public keys only, so no failure of a provider stops intake. A failure has a code that holds no
content: `key_missing`, `key_exists`, `key_unreadable`, `provider_away`, `provider_refused`, `offline_key_here`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from pipeline_shared.crypto.keys import load_private, public_of
from pipeline_shared.language.encoding import decode_base64, encode_base64

PRIVATE_MODE = 0o600


class KeyProviderError(Exception):
    """A private key cannot be had or kept; `code` gives the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeyProvider(Protocol):
    """The private keys of one process."""

    def kids(self) -> Sequence[str]:
        """Return the ids of the keys."""
        ...

    def lend(self, kid: str) -> bytes:
        """Return the bytes of a private key; raise KeyProviderError."""
        ...

    def keep(self, kid: str, private: bytes) -> None:
        """Store a new private key, never in the place of another; raise KeyProviderError."""
        ...


@dataclass(frozen=True, slots=True)
class LentKeys:
    """The private keys of a process by their ids, and the public key of each as stored bytes."""

    private: Mapping[str, MLKEM768X25519PrivateKey]
    public: Mapping[str, bytes]


def lend_all(provider: KeyProvider) -> LentKeys:
    """Return every key of a provider; raise KeyProviderError."""
    lent = {kid: provider.lend(kid) for kid in provider.kids()}
    try:
        return LentKeys(
            {kid: load_private(raw) for kid, raw in lent.items()}, {kid: public_of(raw) for kid, raw in lent.items()}
        )
    except ValueError:
        raise KeyProviderError("key_unreadable") from None


@dataclass(frozen=True, slots=True)
class FileKeys:
    """Private keys in files: `sanitiser-1.key` holds the base64 of key `sanitiser-1`."""

    files: Sequence[Path]

    def kids(self) -> Sequence[str]:
        """Return the names of the files."""
        return [file.stem for file in self.files]

    def lend(self, kid: str) -> bytes:
        """Return the bytes of a private key; raise KeyProviderError."""
        try:
            return decode_base64(read_key_file(file_of(self.files, kid)))
        except ValueError:
            raise KeyProviderError("key_unreadable") from None

    def keep(self, kid: str, private: bytes) -> None:
        """Write a new file; raise KeyProviderError."""
        write_key_file(file_of(self.files, kid), encode_base64(private))


def file_of(files: Sequence[Path], kid: str) -> Path:
    """Return the file of a key; raise KeyProviderError."""
    found = next((file for file in files if file.stem == kid), None)
    if found is None:
        raise KeyProviderError("key_missing")
    return found


def read_key_file(file: Path) -> str:
    """Return the text of a key file; raise KeyProviderError, ValueError."""
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise KeyProviderError("key_missing") from None
    except PermissionError:
        raise KeyProviderError("provider_refused") from None
    except OSError:
        raise KeyProviderError("provider_away") from None


def write_key_file(file: Path, text: str) -> None:
    """Write a file that only its owner can read, on the disk before this returns; raise KeyProviderError."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    except FileExistsError:
        raise KeyProviderError("key_exists") from None
    except PermissionError:
        raise KeyProviderError("provider_refused") from None
    except OSError:
        raise KeyProviderError("provider_away") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        target.write(text)
        target.flush()
        os.fsync(descriptor)
