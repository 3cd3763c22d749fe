"""Private keys that HashiCorp Vault or OpenBao protects: the disk holds only what its transit engine encrypted.

Transit has no ML-KEM keys, so it cannot open a submission itself. It wraps each private key instead, with a transit key
of its own that never leaves the server; the process asks for it once, at its start, and opens in its memory. Without
the server, its policy and the file together, a copied disk or backup opens nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import hvac
from hvac import exceptions as vault
from requests.exceptions import RequestException

from pipeline_shared.crypto.providers import KeyProviderError, file_of, read_key_file, write_key_file
from pipeline_shared.language.encoding import decode_base64, encode_base64

SECONDS = 10
WRAPPED = "vault:v"  # how everything that transit encrypted begins
NAME = "pipeline-{}"  # the transit key of a private key


@dataclass(frozen=True, slots=True)
class TransitServer:
    """The server, where its transit engine is mounted, and the file that holds this process's token."""

    url: str
    token_file: Path
    mount: str = "transit"
    ca_file: Path | None = None


class _Transit(Protocol):
    """The calls that are used; hvac's own are typed in part."""

    def read_key(self, name: str, mount_point: str) -> object: ...
    def create_key(self, name: str, mount_point: str) -> object: ...
    def encrypt_data(self, name: str, plaintext: str, associated_data: str, mount_point: str) -> dict[str, Any]: ...
    def decrypt_data(self, name: str, ciphertext: str, associated_data: str, mount_point: str) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TransitKeys:
    """Private keys in files that only the transit engine of a server can unwrap."""

    files: Sequence[Path]
    server: TransitServer

    def kids(self) -> Sequence[str]:
        """Return the names of the files."""
        return [file.stem for file in self.files]

    def lend(self, kid: str) -> bytes:
        """Return the bytes of a private key; raise KeyProviderError. A key in clear is `key_unreadable`."""
        try:
            wrapped = read_key_file(file_of(self.files, kid))
            if not wrapped.startswith(WRAPPED):
                raise KeyProviderError("key_unreadable")
            return decode_base64(self._unwrap(kid, wrapped))
        except ValueError:
            raise KeyProviderError("key_unreadable") from None

    def keep(self, kid: str, private: bytes) -> None:
        """Make a transit key and write the wrapped key; raise KeyProviderError."""
        if (file := file_of(self.files, kid)).exists():
            raise KeyProviderError("key_exists")
        write_key_file(file, self._wrap(kid, private))

    def _wrap(self, kid: str, private: bytes) -> str:
        transit, name, mount = self._transit(), NAME.format(kid), self.server.mount
        try:
            transit.create_key(name, mount_point=mount)  # leaves a key of that name as it is
            answer = transit.encrypt_data(name, encode_base64(private), _bound_to(kid), mount_point=mount)
        except (vault.VaultError, RequestException) as error:
            raise KeyProviderError(_code(error)) from None
        return answer["data"]["ciphertext"]

    def _unwrap(self, kid: str, wrapped: str) -> str:
        try:
            answer = self._transit().decrypt_data(
                NAME.format(kid), wrapped, _bound_to(kid), mount_point=self.server.mount
            )
        except (vault.VaultError, RequestException) as error:
            raise KeyProviderError(_code(error)) from None
        return answer["data"]["plaintext"]

    def _transit(self) -> _Transit:
        token, authority = read_key_file(self.server.token_file), self.server.ca_file
        client = hvac.Client(
            url=self.server.url,
            token=token,
            verify=str(authority) if authority else True,
            timeout=SECONDS,
            allow_redirects=False,  # a redirect would carry the token away
        )
        return cast("_Transit", client.secrets.transit)


def _bound_to(kid: str) -> str:
    """Return what a wrap is bound to, so that one key's wrap is never taken for another's."""
    return encode_base64(kid.encode())


def _code(error: vault.VaultError | RequestException) -> str:
    match error:
        case vault.Forbidden() | vault.Unauthorized():
            return "provider_refused"
        case vault.InvalidPath():
            return "key_missing"
        case vault.InvalidRequest():
            # both are status 400; only the server's fixed words tell them apart
            return "key_missing" if "key not found" in str(error) else "key_unreadable"
        case _:
            return "provider_away"
